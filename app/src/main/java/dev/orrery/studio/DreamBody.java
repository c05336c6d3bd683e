package dev.orrery.studio;

import dev.orrery.env.Nearest;
import dev.orrery.worldmodel.play.Sampling;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// What a request about a dream asks for: an object whose keys are known.
final class DreamBody {

    private final JsonNode values;

    private DreamBody(JsonNode values) {
        this.values = values;
    }

    /// @param known the keys that may be there
    /// @throws Refusal if the text is no JSON object, or has other keys
    static DreamBody read(String text, List<String> known) {
        if (text.isBlank()) {
            return new DreamBody(Json.read("{}"));
        }
        try {
            var values = Json.read(text);
            if (!values.isObject()) {
                throw Refusal.wrong("send a JSON object with " + String.join(", ", known));
            }
            for (var name : values.propertyNames()) {
                if (!known.contains(name)) {
                    throw Refusal.wrong(
                            "there is no '%s' here; %s".formatted(name, Nearest.hint(name, known)));
                }
            }
            return new DreamBody(values);
        } catch (JacksonException e) {
            throw Refusal.wrong("this is no JSON: %s".formatted(e.getOriginalMessage()));
        }
    }

    boolean has(String name) {
        return values.hasNonNull(name);
    }

    /// A text or a number as text.
    Optional<String> text(String name) {
        if (!has(name)) {
            return Optional.empty();
        }
        var value = values.get(name);
        if (value.isString()) {
            return Optional.of(value.stringValue());
        }
        if (value.isIntegralNumber()) {
            return Optional.of(value.asString());
        }
        throw wrong(name, "a text or a whole number", value);
    }

    long whole(String name, long otherwise) {
        if (!has(name)) {
            return otherwise;
        }
        var value = values.get(name);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw wrong(name, "a whole number", value);
        }
        return value.longValue();
    }

    /// The place of a name in a list, given by name or by place; 0 if it is not given.
    int choice(String name, List<String> names) {
        if (!has(name)) {
            return 0;
        }
        var value = values.get(name);
        if (value.isString()) {
            int place = names.indexOf(value.stringValue());
            if (place >= 0) {
                return place;
            }
            throw Refusal.wrong(
                    "there is no %s '%s'; %s"
                            .formatted(
                                    name,
                                    value.stringValue(),
                                    Nearest.hint(value.stringValue(), names)));
        }
        long place = whole(name, 0);
        if (place < 0 || place >= names.size()) {
            throw Refusal.wrong(
                    "there is no %s %d; there are 0 to %d"
                            .formatted(name, place, names.size() - 1));
        }
        return (int) place;
    }

    /// How frames are drawn, where the request says so.
    Sampling sampling(Sampling otherwise) {
        try {
            var tau = values.get("tau");
            if (has("tau") && !tau.isNumber()) {
                throw wrong("tau", "a number", tau);
            }
            return new Sampling(
                    Math.toIntExact(whole("steps", otherwise.steps())),
                    has("tau") ? tau.doubleValue() : otherwise.tau());
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw Refusal.wrong(String.valueOf(e.getMessage()));
        }
    }

    private static Refusal wrong(String name, String wanted, JsonNode got) {
        return Refusal.wrong("'%s' is %s, got %s".formatted(name, wanted, got));
    }
}
