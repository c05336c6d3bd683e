package dev.orrery.data.rlds;

import dev.orrery.data.DatasetException;
import dev.orrery.data.lerobot.Dtype;
import dev.orrery.data.lerobot.Feature;
import dev.orrery.data.lerobot.Info;
import dev.orrery.data.lerobot.LeRobotDataset;
import dev.orrery.data.lerobot.LeRobotWriter;
import dev.orrery.data.lerobot.Rewrite;
import dev.orrery.data.lerobot.Value;
import dev.orrery.data.media.Png;
import dev.orrery.data.media.VideoEncoding;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/// LeRobot data sets as RLDS, and back.
///
/// | LeRobot | RLDS |
/// |---|---|
/// | `observation.images.X`, `observation.X` | `steps/observation/X` |
/// | `action` | `steps/action` |
/// | `next.reward` | `steps/reward` |
/// | any other `a.b` | `steps/a/b` |
/// | task | `steps/language_instruction` |
///
/// Pictures keep their bytes; video frames become PNG. Frames a second and the robot are kept in
/// `metadata.json`. `is_first`, `is_last`, `is_terminal` and `discount` are made on the way out and
/// dropped on the way in. Where there is no `next.reward`, the last step has reward 1 if its
/// `next.success` is true.
public final class RldsConvert {

    private static final String OBSERVATION = RldsFeatures.STEPS + "observation/",
            IMAGES = "observation.images.",
            REWARD = RldsFeatures.STEPS + "reward",
            LANGUAGE = RldsFeatures.STEPS + "language_instruction";

    private static final Set<String> DERIVED =
            Set.of(
                    "steps/is_first",
                    "steps/is_last",
                    "steps/is_terminal",
                    "steps/discount",
                    LANGUAGE);

    /// Where the instruction is kept, likeliest first.
    private static final List<String> LANGUAGES =
            List.of(
                    LANGUAGE,
                    OBSERVATION + "natural_language_instruction",
                    OBSERVATION + "language_instruction");

    private RldsConvert() {}

    /// Writes a LeRobot data set as `NAME/1.0.0` in a folder.
    ///
    /// @return the folder of the version
    /// @throws IllegalArgumentException if it exists, or a feature has no counterpart
    public static Path toRlds(
            LeRobotDataset data, Path parent, String name, Rewrite.Progress progress) {
        var keys = keys(data);
        var fields = new LinkedHashMap<String, RldsFeatures.Field>();
        keys.forEach((key, feature) -> fields.put(key, field(data, feature)));
        var single = new RldsFeatures.Numbers("float32", List.of(), "none");
        var flag = new RldsFeatures.Numbers("bool", List.of(), "none");
        fields.putIfAbsent(REWARD, single);
        fields.put("steps/discount", single);
        for (var end : List.of("is_first", "is_last", "is_terminal"))
            fields.put(RldsFeatures.STEPS + end, flag);
        fields.put(LANGUAGE, new RldsFeatures.Text());
        var metadata = RldsDataset.JSON.createObjectNode();
        metadata.put("fps", data.fps()).put("robot_type", data.info().robotType());
        var features = new RldsFeatures(fields, List.of());
        var writer = RldsWriter.create(parent, name, "1.0.0", features, metadata);
        try {
            for (int e = 0; e < data.episodes().size(); e++) {
                if (data.episodes().get(e).length() > 0) writer.add(episode(data, e, keys, fields));
                progress.episodes(e + 1, data.episodes().size());
            }
            writer.close();
            return writer.root();
        } catch (RuntimeException e) {
            writer.discard();
            throw e;
        }
    }

    private static SequencedMap<String, Feature> keys(LeRobotDataset data) {
        var out = new LinkedHashMap<String, Feature>();
        for (var feature : data.features().values()) {
            var name = feature.name();
            if (Feature.AUTOMATIC.contains(name)) continue;
            if (feature.dtype() == Dtype.LANGUAGE) {
                throw new IllegalArgumentException(
                        "feature '%s' has no counterpart in RLDS; leave it out with 'orrery data rename --remove %s'"
                                .formatted(name, name));
            }
            var key =
                    name.equals("next.reward")
                            ? REWARD
                            : name.startsWith(IMAGES)
                                    ? OBSERVATION + name.substring(IMAGES.length())
                                    : RldsFeatures.STEPS + name.replace('.', '/');
            if (DERIVED.contains(key) || out.putIfAbsent(key, feature) != null)
                throw new IllegalArgumentException(
                        "feature '%s' would be '%s', which is taken; rename it"
                                .formatted(name, key));
        }
        return out;
    }

    private static RldsFeatures.Field field(LeRobotDataset data, Feature feature) {
        return switch (feature.dtype()) {
            case STRING -> new RldsFeatures.Text();
            case IMAGE, VIDEO -> {
                boolean jpeg =
                        feature.dtype() == Dtype.IMAGE
                                && data.frames() > 0
                                && data.pictureBytes(0, feature, 0)[0] == (byte) 0xff;
                yield new RldsFeatures.Picture(
                        feature.height(), feature.width(), jpeg ? "jpeg" : "png");
            }
            // Lists hold single precision only.
            case FLOAT64 -> new RldsFeatures.Numbers("float64", feature.shape(), "bytes");
            default -> new RldsFeatures.Numbers(feature.dtype().label(), feature.shape(), "none");
        };
    }

    private static Example episode(
            LeRobotDataset data,
            int place,
            Map<String, Feature> keys,
            Map<String, RldsFeatures.Field> fields) {
        int length = data.episodes().get(place).length();
        var out = new LinkedHashMap<String, Example.Feature>();
        keys.forEach((key, feature) -> out.put(key, list(data, place, feature, length)));
        var last = new long[length];
        last[length - 1] = 1;
        boolean success =
                data.features().containsKey("next.success")
                        && data.frame(place, length - 1).flag("next.success");
        var reward = new float[length];
        reward[length - 1] = success ? 1 : 0;
        out.putIfAbsent(REWARD, new Example.Floats(reward));
        var discount = new float[length];
        java.util.Arrays.fill(discount, 1);
        out.put("steps/discount", new Example.Floats(discount));
        var first = new long[length];
        first[0] = 1;
        out.put("steps/is_first", new Example.Longs(first));
        out.put("steps/is_last", new Example.Longs(last));
        out.put("steps/is_terminal", new Example.Longs(success ? last : new long[length]));
        var tasks = new ArrayList<byte[]>();
        for (long task : data.longs(place, "task_index", 0, length))
            tasks.add(data.task((int) task).getBytes(StandardCharsets.UTF_8));
        out.put(LANGUAGE, new Example.Bytes(tasks));
        return new Example(out);
    }

    private static Example.Feature list(
            LeRobotDataset data, int place, Feature feature, int length) {
        var name = feature.name();
        return switch (feature.dtype()) {
            case STRING ->
                    new Example.Bytes(
                            data.texts(place, name, 0, length).stream()
                                    .map(t -> t.getBytes(StandardCharsets.UTF_8))
                                    .toList());
            case IMAGE, VIDEO -> {
                var all = new ArrayList<byte[]>();
                for (int i = 0; i < length; i++) {
                    all.add(
                            feature.dtype() == Dtype.IMAGE
                                    ? data.pictureBytes(place, feature, i)
                                    : Png.encode(data.image(place, name, i), 1));
                }
                yield new Example.Bytes(all);
            }
            case FLOAT16, FLOAT32 -> new Example.Floats(data.floats(place, name, 0, length));
            case FLOAT64 -> {
                var values = data.doubles(place, name, 0, length);
                var all = new ArrayList<byte[]>();
                int n = feature.elements();
                for (int i = 0; i < length; i++) {
                    var bytes = ByteBuffer.allocate(8 * n).order(ByteOrder.LITTLE_ENDIAN);
                    bytes.asDoubleBuffer().put(values, i * n, n);
                    all.add(bytes.array());
                }
                yield new Example.Bytes(all);
            }
            default -> new Example.Longs(data.longs(place, name, 0, length));
        };
    }

    /// Writes a split of an RLDS data set as a LeRobot data set, with every key kept.
    ///
    /// @param fps frames a second, which RLDS does not say
    /// @param version `v3.0` or `v2.1`
    /// @throws IllegalArgumentException if there is no such split, or the target exists
    /// @throws DatasetException if an episode is malformed; nothing is then left
    public static void toLeRobot(
            RldsDataset data,
            String split,
            int fps,
            String version,
            Path out,
            Rewrite.Progress progress) {
        var names = new LinkedHashMap<String, Feature>();
        data.features()
                .steps()
                .forEach((key, field) -> {
                    if (!DERIVED.contains(key) && !LANGUAGES.contains(key))
                        names.put(key, feature(key, field));
                });
        var robot = data.metadata().path("robot_type").asString("");
        write(
                data,
                split,
                settings(fps, robot, List.copyOf(names.values()), version),
                out,
                progress,
                (writer, episode) -> {
                    for (int i = 0; i < episode.length(); i++) {
                        var values = new LinkedHashMap<String, Value>();
                        for (var entry : names.entrySet())
                            values.put(entry.getValue().name(), value(episode, entry.getKey(), i));
                        writer.add(instruction(episode, i), values);
                    }
                });
    }

    /// Writes a split in the standardised view of a mapping: cameras `primary`, `secondary` and
    /// `wrist`, `observation.state` and `action`.
    ///
    /// @throws DatasetException if the mapping names keys that the data set lacks
    public static void toLeRobot(
            RldsDataset data,
            RldsMapping mapping,
            String split,
            int fps,
            String version,
            Path out,
            Rewrite.Progress progress) {
        var features = new ArrayList<Feature>();
        mapping.images()
                .forEach((camera, key) -> {
                    if (!(data.features().fields().get(key) instanceof RldsFeatures.Picture p))
                        throw DatasetException.at(
                                data.root(),
                                "has no pictures '%s', which mapping %s calls %s"
                                        .formatted(key, mapping.name(), camera));
                    features.add(
                            Feature.picture(IMAGES + camera, Dtype.IMAGE, p.height(), p.width()));
                });
        int state = mapping.state().size();
        if (state > 0)
            features.add(
                    Feature.numbers("observation.state", Dtype.FLOAT32, List.of(state), List.of()));
        features.add(
                Feature.numbers(
                        "action", Dtype.FLOAT32, List.of(mapping.action().size()), List.of()));
        write(
                data,
                split,
                settings(fps, data.name(), features, version),
                out,
                progress,
                (writer, episode) -> {
                    for (var step : mapping.apply(episode)) {
                        var values = new LinkedHashMap<String, Value>();
                        step.images()
                                .forEach((camera, bytes) ->
                                        values.put(IMAGES + camera, new Value.Encoded(bytes)));
                        if (state > 0) values.put("observation.state", Value.of(step.proprio()));
                        values.put("action", Value.of(step.action()));
                        var task = step.languageInstruction();
                        writer.add(task.isBlank() ? "unspecified" : task, values);
                    }
                });
    }

    private interface Episodes {
        void add(LeRobotWriter writer, RldsEpisode episode);
    }

    private static void write(
            RldsDataset data,
            String split,
            LeRobotWriter.Settings settings,
            Path out,
            Rewrite.Progress progress,
            Episodes episodes) {
        int total = data.episodes(split);
        var writer = LeRobotWriter.create(out, settings);
        try {
            data.each(
                    split,
                    episode -> {
                        try {
                            episodes.add(writer, episode);
                        } catch (IllegalArgumentException e) {
                            throw DatasetException.at(
                                    data.root(), "episode %d".formatted(writer.episodes()), e);
                        }
                        progress.episodes(writer.saveEpisode() + 1, total);
                    });
            writer.close();
        } catch (RuntimeException e) {
            writer.discard();
            throw e;
        }
    }

    private static LeRobotWriter.Settings settings(
            int fps, String robot, List<Feature> features, String version) {
        var storage = version.equals("v2.1") ? Info.Storage.v21() : Info.Storage.v3();
        return new LeRobotWriter.Settings(
                fps, robot, features, version, storage, VideoEncoding.av1());
    }

    private static Feature feature(String key, RldsFeatures.Field field) {
        var path = key.substring(RldsFeatures.STEPS.length()).replace('/', '.');
        return switch (field) {
            case RldsFeatures.Text() -> Feature.text(path);
            case RldsFeatures.Picture(int height, int width, _) -> {
                var camera =
                        key.startsWith(OBSERVATION)
                                ? key.substring(OBSERVATION.length()).replace('/', '.')
                                : path;
                yield Feature.picture(IMAGES + camera, Dtype.IMAGE, height, width);
            }
            case RldsFeatures.Numbers numbers ->
                    Feature.numbers(
                            key.equals(REWARD) ? "next.reward" : path,
                            Dtype.of(numbers.dtype()).orElseThrow(),
                            numbers.shape().isEmpty() ? List.of(1) : numbers.shape(),
                            List.of());
        };
    }

    private static Value value(RldsEpisode episode, String key, int step) {
        return switch (episode.field(key)) {
            case RldsFeatures.Text() -> Value.of(episode.text(key, step));
            case RldsFeatures.Picture _ -> new Value.Encoded(episode.picture(key, step));
            case RldsFeatures.Numbers numbers ->
                    numbers.dtype().startsWith("float")
                            ? Value.of(episode.numbers(key, step))
                            : Value.of(episode.longs(key, step));
        };
    }

    private static String instruction(RldsEpisode episode, int step) {
        for (var key : LANGUAGES) {
            if (episode.features().fields().get(key) instanceof RldsFeatures.Text) {
                var text = episode.text(key, step);
                if (!text.isBlank()) return text;
            }
        }
        return "unspecified";
    }
}
