package dev.orrery.run;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What determines a measurement besides its seed and its code, as a short digest.
///
/// A key that a configuration got after measurements had been published is left out where it says
/// what held before: those measurements still count. Any other value of it changes the digest. A
/// run that lacks such a key goes on with what held before, too.
final class Settings {

    /// `record.key` to the value that says what held before there was a key.
    private static final Map<String, Object> LATER =
            Map.ofEntries(
                    Map.entry("training.precision", "F32"),
                    Map.entry("training.actorShare", 1.0),
                    Map.entry("demonstrations.cropped", false),
                    Map.entry("demonstrations.constant", List.of()),
                    Map.entry("coTraining.dense", 0.0),
                    Map.entry("grounding.gaze", 0.0));

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
            if (now.path(owner).has(key)
                    && settings.path(owner) instanceof ObjectNode own
                    && !own.has(key)) {
                own.set(key, ConfigBinder.node(before));
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
                    && owner.path(key).toString().equals(ConfigBinder.node(before).toString())) {
                owner.remove(key);
            }
        });
        node.forEach(Settings::leaveOutLater);
    }
}
