package dev.orrery.run;

import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// What determines a measurement besides its seed and its code, as a short digest.
///
/// A key that a configuration got after measurements had been published is left out where it says
/// what held before: those measurements still count. Any other value of it changes the digest.
final class Settings {

    /// `record.key` to the value that says what held before there was a key.
    private static final Map<String, String> LATER =
            Map.of(
                    "training.precision", "F32",
                    "training.actorShare", "1.0",
                    "demonstrations.cropped", "false",
                    "demonstrations.constant", "[]",
                    "coTraining.dense", "0.0",
                    "grounding.gaze", "0.0");

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private Settings() {}

    /// @param settings something that can be written as JSON
    static String digest(Object settings) {
        var tree = ConfigBinder.node(settings);
        leaveOutLater(tree);
        return Integer.toHexString(ConfigBinder.json(tree).hashCode());
    }

    /// Says of every key that came later what a run meant that knows nothing of it, so that it is
    /// gone on with as it was begun, whatever its preset says now.
    ///
    /// @param settings of a run, all of them
    /// @param now settings of the same kind that have every key
    static void addLater(ObjectNode settings, JsonNode now) {
        LATER.forEach((path, before) -> {
            int dot = path.indexOf('.');
            var owner = path.substring(0, dot);
            var key = path.substring(dot + 1);
            var today = now.path(owner).path(key);
            if (!today.isMissingNode()
                    && settings.path(owner) instanceof ObjectNode own
                    && !own.has(key)) {
                own.set(
                        key,
                        today.isString() ? StringNode.valueOf(before) : MAPPER.readTree(before));
            }
        });
        for (var part : settings.properties()) {
            if (part.getValue() instanceof ObjectNode inner) {
                addLater(inner, now.path(part.getKey()));
            }
        }
    }

    private static void leaveOutLater(JsonNode node) {
        LATER.forEach((path, before) -> {
            int dot = path.indexOf('.');
            var key = path.substring(dot + 1);
            if (node.path(path.substring(0, dot)) instanceof ObjectNode owner
                    && owner.path(key).asString(owner.path(key).toString()).equals(before)) {
                owner.remove(key);
            }
        });
        node.forEach(Settings::leaveOutLater);
    }
}
