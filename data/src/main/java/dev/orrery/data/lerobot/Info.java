package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What `meta/info.json` says.
///
/// @param version `v3.0`, `v2.1` or `v2.0`
/// @param fps frames a second, from 1
/// @param robotType the robot, possibly empty
/// @param totals counts over the whole data set
/// @param storage how it is split over files
/// @param features by name, in file order
/// @param splits parts by name, as `from:to` episode ranges
/// @param extra keys that are not known here, kept as they are
public record Info(
        String version,
        int fps,
        String robotType,
        Totals totals,
        Storage storage,
        SequencedMap<String, Feature> features,
        SequencedMap<String, String> splits,
        ObjectNode extra) {

    /// @param episodes N, at least 0
    /// @param frames of all episodes together
    /// @param tasks distinct tasks
    public record Totals(int episodes, long frames, int tasks) {}

    /// @param chunksSize files (v3) or episodes (v2) in one folder
    /// @param dataMegabytes size at which a new data file is begun
    /// @param videoMegabytes size at which a new video file is begun
    /// @param dataPath pattern of the data files' paths
    /// @param videoPath pattern of the videos' paths, possibly empty
    public record Storage(
            int chunksSize,
            double dataMegabytes,
            double videoMegabytes,
            String dataPath,
            String videoPath) {

        /// The paths and sizes of version 3.0.
        public static Storage v3() {
            return new Storage(
                    1000,
                    100,
                    200,
                    "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
                    "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4");
        }

        /// The paths of version 2.1.
        public static Storage v21() {
            return new Storage(
                    1000,
                    100,
                    200,
                    "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet",
                    "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4");
        }
    }

    private static final Set<String> KNOWN =
            Set.of(
                    "codebase_version",
                    "fps",
                    "robot_type",
                    "total_episodes",
                    "total_frames",
                    "total_tasks",
                    "chunks_size",
                    "data_files_size_in_mb",
                    "video_files_size_in_mb",
                    "data_path",
                    "video_path",
                    "features",
                    "splits");

    private static final Set<String> OPTIONAL =
            Set.of("tools", "total_videos", "total_chunks", "license", "title");

    /// Whether files are those of version 3.
    public boolean isV3() {
        return version.startsWith("v3");
    }

    /// Keys that neither this library nor the Python one gives a meaning.
    public List<String> unknownKeys() {
        return extra.propertyNames().stream().filter(key -> !OPTIONAL.contains(key)).toList();
    }

    /// The features that are pictures of cameras.
    public List<Feature> cameras() {
        return features.values().stream().filter(f -> f.dtype().isPicture()).toList();
    }

    /// The features stored as video.
    public List<Feature> videos() {
        return features.values().stream().filter(f -> f.dtype() == Dtype.VIDEO).toList();
    }

    /// The same facts with other counts; the training split covers all episodes.
    public Info withTotals(Totals other) {
        var all = new LinkedHashMap<String, String>();
        all.put("train", "0:" + other.episodes());
        return new Info(version, fps, robotType, other, storage, features, all, extra);
    }

    /// The same facts with other features.
    public Info withFeatures(SequencedMap<String, Feature> other) {
        return new Info(version, fps, robotType, totals, storage, other, splits, extra);
    }

    /// Reads and checks `info.json`.
    ///
    /// @throws DatasetException if it is missing, malformed, of another major version, or not
    ///   believable
    static Info read(Path file) {
        var json = Json.object(file);
        try {
            return parse(json);
        } catch (RuntimeException e) {
            throw DatasetException.at(file, "is not a valid description", e);
        }
    }

    private static Info parse(ObjectNode json) {
        var version = need(json, "codebase_version").asString();
        if (!version.matches("v?[23]\\.[0-9]+.*")) {
            throw new DatasetException(
                    ("codebase_version is '%s'; versions 2.0, 2.1 and 3.0 are read here. Convert older ones"
                                    + " to 2.0 first with LeRobot's own scripts, and newer ones with a newer"
                                    + " Orrery ('orrery data convert' goes between 2.1 and 3.0)")
                            .formatted(version));
        }
        if (!version.startsWith("v")) version = "v" + version;
        int fps = positive(json, "fps", 0);
        var base = version.startsWith("v3") ? Storage.v3() : Storage.v21();
        var storage =
                new Storage(
                        positive(json, "chunks_size", base.chunksSize()),
                        megabytes(json, "data_files_size_in_mb", base.dataMegabytes()),
                        megabytes(json, "video_files_size_in_mb", base.videoMegabytes()),
                        text(json, "data_path", base.dataPath()),
                        json.hasNonNull("video_path")
                                ? text(json, "video_path", "")
                                : base.videoPath());
        PathPattern.check(storage.dataPath());
        PathPattern.check(storage.videoPath());
        var totals =
                new Totals(
                        Math.toIntExact(count(json, "total_episodes")),
                        count(json, "total_frames"),
                        Math.toIntExact(count(json, "total_tasks")));
        var splits = new LinkedHashMap<String, String>();
        for (var split : json.path("splits").properties())
            splits.put(split.getKey(), split.getValue().asString());
        var extra = JsonNodeFactory.instance.objectNode();
        for (var entry : json.properties()) {
            if (!KNOWN.contains(entry.getKey())) extra.set(entry.getKey(), entry.getValue());
        }
        return new Info(
                version,
                fps,
                text(json, "robot_type", ""),
                totals,
                storage,
                features(json),
                splits,
                extra);
    }

    private static JsonNode need(ObjectNode json, String key) {
        if (!json.hasNonNull(key)) throw new DatasetException("key '%s' is missing".formatted(key));
        return json.get(key);
    }

    private static String text(ObjectNode json, String key, String otherwise) {
        var node = json.path(key);
        if (node.isMissingNode() || node.isNull()) return otherwise;
        if (!node.isString())
            throw new DatasetException("key '%s' is no text: %s".formatted(key, node));
        return node.stringValue();
    }

    private static int positive(ObjectNode json, String key, int otherwise) {
        if (otherwise > 0 && !json.hasNonNull(key)) return otherwise;
        var node = need(json, key);
        double value = node.isNumber() ? node.doubleValue() : Double.NaN;
        if (!(value >= 1) || value != Math.rint(value) || value > Integer.MAX_VALUE) {
            throw new DatasetException(
                    "'%s' is %s; it must be a whole number above 0".formatted(key, node));
        }
        return (int) value;
    }

    /// A size above 0, which small data sets in many files write as a fraction.
    private static double megabytes(ObjectNode json, String key, double otherwise) {
        if (!json.hasNonNull(key)) return otherwise;
        double value = json.get(key).isNumber() ? json.get(key).doubleValue() : Double.NaN;
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new DatasetException(
                    "'%s' is %s; it must be a number above 0".formatted(key, json.get(key)));
        }
        return value;
    }

    private static long count(ObjectNode json, String key) {
        var node = json.path(key);
        if (node.isMissingNode() || node.isNull()) return 0;
        if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 0) {
            throw new DatasetException(
                    "'%s' is %s; it must be a whole number from 0".formatted(key, node));
        }
        return node.longValue();
    }

    private static SequencedMap<String, Feature> features(ObjectNode json) {
        if (!(need(json, "features") instanceof ObjectNode all))
            throw new DatasetException("'features' is no object");
        var features = new LinkedHashMap<String, Feature>();
        for (var entry : all.properties())
            features.put(entry.getKey(), feature(entry.getKey(), entry.getValue()));
        return features;
    }

    private static Feature feature(String name, JsonNode json) {
        Feature.checkName(name);
        var label = json.path("dtype").asString("");
        var dtype =
                Dtype.of(label)
                        .orElseThrow(() ->
                                new DatasetException(
                                        "feature '%s' has dtype '%s'; known are %s"
                                                .formatted(name, label, labels())));
        var shape = new ArrayList<Integer>();
        if (!json.path("shape").isArray())
            throw new DatasetException("feature '%s' has no shape".formatted(name));
        for (var size : json.path("shape")) {
            if (!size.canConvertToInt()) {
                throw new DatasetException(
                        "feature '%s' has shape %s".formatted(name, json.path("shape")));
            }
            shape.add(size.intValue());
        }
        if (shape.isEmpty() && dtype.isNumber()) shape.add(1);
        var info = JsonNodeFactory.instance.objectNode();
        if (json.path("video_info") instanceof ObjectNode old) info.setAll(old);
        if (json.path("info") instanceof ObjectNode found) info.setAll(found);
        var names = json.get("names");
        return new Feature(
                name,
                dtype,
                shape,
                names == null ? JsonNodeFactory.instance.nullNode() : names,
                info);
    }

    private static List<String> labels() {
        return java.util.Arrays.stream(Dtype.values()).map(Dtype::label).toList();
    }

    /// The content of the file.
    ObjectNode toJson() {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("codebase_version", version);
        json.put("fps", fps);
        var all = json.putObject("features");
        for (var feature : features.values()) {
            var entry = all.putObject(feature.name());
            entry.put("dtype", feature.dtype().label());
            var shape = entry.putArray("shape");
            feature.shape().forEach(shape::add);
            entry.set("names", feature.names());
            if (!feature.info().isEmpty()) entry.set("info", feature.info());
        }
        json.put("total_episodes", totals.episodes());
        json.put("total_frames", totals.frames());
        json.put("total_tasks", totals.tasks());
        json.put("chunks_size", storage.chunksSize());
        if (isV3()) {
            putNumber(json, "data_files_size_in_mb", storage.dataMegabytes());
            putNumber(json, "video_files_size_in_mb", storage.videoMegabytes());
        }
        json.put("data_path", storage.dataPath());
        if (videos().isEmpty()) json.putNull("video_path");
        else json.put("video_path", storage.videoPath());
        if (robotType.isEmpty()) json.putNull("robot_type");
        else json.put("robot_type", robotType);
        var parts = json.putObject("splits");
        splits.forEach(parts::put);
        json.setAll(extra);
        return json;
    }

    private static void putNumber(ObjectNode json, String key, double value) {
        if (value == Math.rint(value)) json.put(key, (long) value);
        else json.put(key, value);
    }
}
