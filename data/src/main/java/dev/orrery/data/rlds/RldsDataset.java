package dev.orrery.data.rlds;

import dev.orrery.data.DatasetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A data set as TensorFlow Datasets stores it: `dataset_info.json`, `features.json` and TFRecord
/// files with an episode a record.
///
/// Episodes are read one after another; there is no index.
///
/// ```java
/// var data = RldsDataset.open(Path.of("bridge_orig/1.0.0"));
/// data.each("train", episode -> use(episode.numbers("steps/action", 0)));
/// ```
///
/// @param root the folder of the version
/// @param name of the data set
/// @param version such as `1.0.0`
/// @param features what an episode holds
/// @param splits episodes in each file, by split
/// @param metadata of `metadata.json`, or an empty object
public record RldsDataset(
        Path root,
        String name,
        String version,
        RldsFeatures features,
        SequencedMap<String, List<Integer>> splits,
        JsonNode metadata) {

    static final String INFO = "dataset_info.json",
            FEATURES = "features.json",
            METADATA = "metadata.json";
    static final JsonMapper JSON = JsonMapper.shared();

    private static final long LARGEST = 16 << 20;

    /// Whether a folder, or the only folder in it, looks like one.
    public static boolean isOne(Path folder) {
        return Files.exists(inside(folder).resolve(FEATURES));
    }

    /// The folder of the version: `folder` itself, or the last one in it that has features.
    private static Path inside(Path folder) {
        if (Files.exists(folder.resolve(FEATURES)) || !Files.isDirectory(folder)) return folder;
        try (Stream<Path> inner = Files.list(folder)) {
            return inner.filter(f -> Files.exists(f.resolve(FEATURES)))
                    .max(Path::compareTo)
                    .orElse(folder);
        } catch (IOException e) {
            throw DatasetException.at(folder, "cannot be listed", e);
        }
    }

    /// Opens `NAME/VERSION`, or `NAME` with its last version.
    ///
    /// @throws DatasetException if a file is missing or malformed
    public static RldsDataset open(Path folder) {
        var root = inside(folder);
        var info = json(root.resolve(INFO));
        try {
            var splits = new LinkedHashMap<String, List<Integer>>();
            for (var split : info.path("splits")) {
                var name = split.path("name").asString("");
                checkPart(name);
                splits.put(
                        name,
                        split.path("shardLengths")
                                .valueStream()
                                .map(n -> Integer.parseInt(n.asString()))
                                .toList());
            }
            if (splits.isEmpty()) throw new DatasetException("there are no splits");
            var name = info.path("name").asString("");
            checkPart(name);
            var format = info.path("fileFormat").asString("tfrecord");
            if (!format.equals("tfrecord"))
                throw new DatasetException(
                        "fileFormat is '%s'; tfrecord is read here".formatted(format));
            var metadata = root.resolve(METADATA);
            return new RldsDataset(
                    root,
                    name,
                    info.path("version").asString(""),
                    RldsFeatures.parse(json(root.resolve(FEATURES))),
                    splits,
                    Files.exists(metadata) ? json(metadata) : JSON.createObjectNode());
        } catch (RuntimeException e) {
            throw DatasetException.at(root, "is no valid RLDS data set", e);
        }
    }

    /// Refuses names that would leave the folder.
    static void checkPart(String name) {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9_.+-]*") || name.contains(".."))
            throw new DatasetException("'%s' is not a safe name".formatted(name));
    }

    private static JsonNode json(Path file) {
        try {
            if (Files.size(file) > LARGEST)
                throw DatasetException.at(file, "is larger than 16 MB of JSON");
            return JSON.readTree(Files.readAllBytes(file));
        } catch (java.nio.file.NoSuchFileException e) {
            throw DatasetException.at(file, "there is no such file");
        } catch (IOException | JacksonException e) {
            throw DatasetException.at(file, "is no valid JSON", e);
        }
    }

    /// The number of episodes of a split.
    public int episodes(String split) {
        return shards(split).stream().mapToInt(Integer::intValue).sum();
    }

    private List<Integer> shards(String split) {
        var lengths = splits.get(split);
        if (lengths == null) {
            throw new IllegalArgumentException(
                    "%s has no split '%s'; it has %s".formatted(root, split, splits.keySet()));
        }
        return lengths;
    }

    static String file(String name, String split, int shard, int of) {
        return "%s-%s.tfrecord-%05d-of-%05d".formatted(name, split, shard, of);
    }

    /// Reads a split from its first episode to its last.
    ///
    /// @throws IllegalArgumentException if there is no such split
    /// @throws DatasetException if a file is missing or damaged, or holds another number of
    ///   episodes than `dataset_info.json` says; the message names file and episode
    public void each(String split, Consumer<RldsEpisode> use) {
        var lengths = shards(split);
        for (int s = 0; s < lengths.size(); s++) {
            var path = root.resolve(file(name, split, s, lengths.size()));
            int n = 0;
            try (var reader = TfRecords.Reader.open(path)) {
                for (var next = reader.next(); next.isPresent(); next = reader.next()) {
                    use.accept(episode(path, n++, next.get()));
                }
            }
            if (n != lengths.get(s)) {
                throw DatasetException.at(
                        path,
                        "holds %d episodes where %s says %d".formatted(n, INFO, lengths.get(s)));
            }
        }
    }

    private RldsEpisode episode(Path path, int number, byte[] record) {
        try {
            return RldsEpisode.of(features, Example.parse(record));
        } catch (DatasetException e) {
            throw DatasetException.at(path, "episode %d".formatted(number), e);
        }
    }
}
