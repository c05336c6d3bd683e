package dev.orrery.policy;

import dev.orrery.checkpoint.AtomicFile;
import dev.orrery.checkpoint.CheckpointException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The action bounds of the data sets that a policy was trained on, by their names: what OpenVLA
/// keeps under `norm_stats` in `config.json`, and fine-tuned models in `dataset_statistics.json`.
///
/// Each data set has `action` and perhaps `proprio`, each with `q01`, `q99` and, as far as they
/// were written, `min`, `max` and `mask`.
///
/// @param sets the bounds by name, in the order of the file
public record RobotStatistics(SequencedMap<String, Robot> sets) {

    /// The bounds of one robot.
    ///
    /// @param action of what it does
    /// @param state of what it feels, where that is known
    public record Robot(ActionBounds action, Optional<ActionBounds> state) {

        /// A robot of which only the actions are known.
        public static Robot of(ActionBounds action) {
            return new Robot(action, Optional.empty());
        }
    }

    /// The file of fine-tuned models.
    public static final String FILE = "dataset_statistics.json";

    private static final String STATE = "proprio";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    public RobotStatistics {
        sets = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(sets));
    }

    /// The statistics of one data set.
    public static RobotStatistics of(String name, Robot robot) {
        var one = new LinkedHashMap<String, Robot>();
        one.put(name, robot);
        return new RobotStatistics(one);
    }

    /// The names, in the order of the file.
    public List<String> names() {
        return List.copyOf(sets.keySet());
    }

    /// Reads `dataset_statistics.json`.
    ///
    /// @throws CheckpointException naming data set and key that are missing or misshapen
    public static RobotStatistics read(Path file) {
        try {
            return read(file, JSON.readTree(file));
        } catch (JacksonException e) {
            throw new CheckpointException(file, "", "is not JSON", "copy it anew", e);
        }
    }

    /// Reads the object that holds one entry a data set.
    ///
    /// @param file what to name in errors
    public static RobotStatistics read(Path file, JsonNode all) {
        var sets = new LinkedHashMap<String, Robot>();
        for (var entry : all.properties()) {
            var name = entry.getKey();
            var set = entry.getValue();
            sets.put(
                    name,
                    new Robot(
                            bounds(file, name + ".action", set.path("action")),
                            set.path(STATE).has("q01")
                                    ? Optional.of(bounds(file, name + "." + STATE, set.path(STATE)))
                                    : Optional.empty()));
        }
        if (sets.isEmpty()) {
            throw wrong(file, "norm_stats", "holds no data set");
        }
        return new RobotStatistics(sets);
    }

    private static ActionBounds bounds(Path file, String name, JsonNode action) {
        var low = numbers(file, name, action, "q01");
        var high = numbers(file, name, action, "q99");
        var mask = new boolean[low.length];
        Arrays.fill(mask, true);
        if (action.has("mask")) {
            var given = action.get("mask").valueStream().map(JsonNode::asBoolean).toList();
            if (given.size() != mask.length) {
                throw wrong(
                        file,
                        name + ".mask",
                        "has %d entries, q01 %d".formatted(given.size(), mask.length));
            }
            for (int d = 0; d < mask.length; d++) {
                mask[d] = given.get(d);
            }
        }
        try {
            return ActionBounds.of(
                    low,
                    high,
                    action.has("min") ? numbers(file, name, action, "min") : low,
                    action.has("max") ? numbers(file, name, action, "max") : high,
                    mask);
        } catch (IllegalArgumentException e) {
            throw wrong(file, name, String.valueOf(e.getMessage()));
        }
    }

    private static double[] numbers(Path file, String name, JsonNode action, String key) {
        var list = action.path(key);
        if (!list.isArray() || list.isEmpty() || !list.valueStream().allMatch(JsonNode::isNumber)) {
            throw wrong(
                    file,
                    "%s.%s".formatted(name, key),
                    action.has(key) ? "is no list of numbers" : "is missing");
        }
        return list.valueStream().mapToDouble(JsonNode::asDouble).toArray();
    }

    private static CheckpointException wrong(Path file, String key, String what) {
        return new CheckpointException(
                file,
                key,
                what,
                "without it nobody knows the robot's units: copy the file from where the policy was trained");
    }

    /// Writes `dataset_statistics.json`, whole or not at all.
    public void write(Path file) {
        var all = JSON.createObjectNode();
        sets.forEach((name, robot) -> {
            var set = all.putObject(name);
            put(set.putObject("action"), robot.action());
            robot.state().ifPresent(state -> put(set.putObject(STATE), state));
        });
        var text = (all.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(file, text.length, channel -> channel.write(ByteBuffer.wrap(text)));
    }

    private static void put(ObjectNode action, ActionBounds bounds) {
        list(action, "min", bounds.least());
        list(action, "max", bounds.greatest());
        list(action, "q01", bounds.low());
        list(action, "q99", bounds.high());
        var mask = action.putArray("mask");
        for (boolean scaled : bounds.mask()) {
            mask.add(scaled);
        }
    }

    private static void list(ObjectNode action, String key, double[] values) {
        var list = action.putArray(key);
        Arrays.stream(values).forEach(list::add);
    }

    /// Whether a folder has the file of fine-tuned models.
    public static boolean isIn(Path folder) {
        return Files.isRegularFile(folder.resolve(FILE));
    }
}
