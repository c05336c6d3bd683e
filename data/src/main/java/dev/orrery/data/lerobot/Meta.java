package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import dev.orrery.data.lerobot.EpisodeMeta.FileRef;
import dev.orrery.data.lerobot.EpisodeMeta.VideoSpan;
import dev.orrery.data.parquet.ColumnData;
import dev.orrery.data.parquet.Leaf;
import dev.orrery.data.parquet.ParquetFile;
import dev.orrery.data.parquet.Records;
import dev.orrery.data.parquet.Values;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// Everything below `meta/`.
///
/// @param info `info.json`
/// @param tasks task texts by number
/// @param episodes in order of their numbers
/// @param stats statistics by feature, empty where the data set has none
record Meta(
        Info info,
        SequencedMap<Integer, String> tasks,
        List<EpisodeMeta> episodes,
        SequencedMap<String, FeatureStats> stats) {

    static Meta read(Path root) {
        var info = Info.read(root.resolve("meta/info.json"));
        var meta =
                info.isV3()
                        ? new Meta(
                                info, tasksV3(root), episodesV3(root, info), new LinkedHashMap<>())
                        : new Meta(
                                info, tasksV2(root), episodesV2(root, info), new LinkedHashMap<>());
        var file = root.resolve("meta/stats.json");
        if (Files.exists(file)) {
            meta.stats.putAll(stats(file, Json.object(file)));
        } else if (!info.isV3() && Files.exists(root.resolve(EPISODES_STATS))) {
            var stats = StatsFold.aggregate(episodeStatsV2(root));
            meta.stats.putAll(Histograms.read(root, info).map(h -> h.exact(stats)).orElse(stats));
        }
        return meta;
    }

    static final String TASKS = "meta/tasks.parquet", EPISODES = "meta/episodes";
    static final String EPISODES_STATS = "meta/episodes_stats.jsonl";

    private static SequencedMap<String, FeatureStats> stats(Path file, JsonNode json) {
        var out = new LinkedHashMap<String, FeatureStats>();
        for (var entry : json.properties()) {
            try {
                out.put(entry.getKey(), FeatureStats.parse(entry.getKey(), entry.getValue()));
            } catch (DatasetException e) {
                throw DatasetException.at(file, e.getMessage(), e);
            }
        }
        return out;
    }

    static SequencedMap<Integer, String> tasks(Path root, Info info) {
        return info.isV3() ? tasksV3(root) : tasksV2(root);
    }

    private static SequencedMap<Integer, String> tasksV3(Path root) {
        var tasks = new TreeMap<Integer, String>();
        var path = root.resolve(TASKS);
        try (var file = ParquetFile.open(path)) {
            var index = need(file, "task_index");
            var text =
                    file.leaves().stream()
                            .filter(leaf ->
                                    leaf.field().physical()
                                            == dev.orrery.data.parquet.Field.Physical.BYTE_ARRAY)
                            .findFirst()
                            .orElseThrow(
                                    () -> DatasetException.at(path, "has no column of task texts"));
            for (int g = 0; g < file.groups(); g++) {
                var numbers = file.read(g, index);
                var texts = file.read(g, text);
                if (!numbers.dense()
                        || !texts.dense()
                        || !(texts.values() instanceof Values.Binaries words)) {
                    throw DatasetException.at(path, "has tasks without number or text");
                }
                for (int i = 0; i < words.size(); i++)
                    tasks.put((int) numbers.values().asLong(i), words.text(i));
            }
        }
        return tasks;
    }

    private static Leaf need(ParquetFile file, String name) {
        return file.leaf(name)
                .orElseThrow(() ->
                        DatasetException.at(file.path(), "has no column '%s'".formatted(name)));
    }

    /// All files of episode metadata, in order.
    static List<Path> shards(Path root) {
        var folder = root.resolve(EPISODES);
        try (var found = Files.walk(folder, 2)) {
            var files = found.filter(p -> p.toString().endsWith(".parquet")).sorted().toList();
            if (files.isEmpty()) throw DatasetException.at(folder, "holds no episode files");
            return files;
        } catch (IOException e) {
            throw DatasetException.at(folder, "cannot be listed", e);
        }
    }

    /// The episodes that one file of the table lists.
    static List<EpisodeMeta> episodesIn(Path shard, Info info) {
        var episodes = new ArrayList<EpisodeMeta>();
        try (var file = ParquetFile.open(shard)) {
            for (int g = 0; g < file.groups(); g++)
                episodes.addAll(new Shard(file, g, info).episodes());
        }
        return episodes;
    }

    private static List<EpisodeMeta> episodesV3(Path root, Info info) {
        var episodes = new ArrayList<EpisodeMeta>();
        if (info.totals().episodes() == 0 && !Files.isDirectory(root.resolve(EPISODES)))
            return episodes;
        for (var path : shards(root)) episodes.addAll(episodesIn(path, info));
        episodes.sort(Comparator.comparingInt(EpisodeMeta::index));
        return episodes;
    }

    /// One row group of episode metadata.
    private record Shard(ParquetFile file, int group, Info info) {

        List<EpisodeMeta> episodes() {
            int rows = (int) file.rows(group);
            long[] index = longs("episode_index"), length = longs("length");
            long[] from = longs("dataset_from_index"),
                    chunk = longs("data/chunk_index"),
                    number = longs("data/file_index");
            var tasks = tasks(rows);
            var videos = new HashMap<String, Object[]>();
            for (var video : info.videos()) {
                var prefix = "videos/" + video.name() + "/";
                if (file.leaf(prefix + "chunk_index").isEmpty()) continue;
                videos.put(
                        video.name(),
                        new Object[] {
                            longs(prefix + "chunk_index"),
                            longs(prefix + "file_index"),
                            doubles(prefix + "from_timestamp"),
                            doubles(prefix + "to_timestamp")
                        });
            }
            var out = new ArrayList<EpisodeMeta>(rows);
            for (int i = 0; i < rows; i++) {
                var spans = new HashMap<String, VideoSpan>();
                int row = i;
                videos.forEach((key, v) -> spans.put(key, span(v, row)));
                out.add(
                        new EpisodeMeta(
                                Math.toIntExact(index[i]),
                                tasks.get(i),
                                Math.toIntExact(length[i]),
                                from[i],
                                ref(chunk[i], number[i]),
                                spans));
            }
            return out;
        }

        private static VideoSpan span(Object[] columns, int row) {
            return new VideoSpan(
                    ref(((long[]) columns[0])[row], ((long[]) columns[1])[row]),
                    ((double[]) columns[2])[row],
                    ((double[]) columns[3])[row]);
        }

        private static FileRef ref(long chunk, long file) {
            if (chunk < 0 || file < 0)
                throw new DatasetException("file %d of chunk %d is named".formatted(file, chunk));
            return new FileRef(Math.toIntExact(chunk), Math.toIntExact(file));
        }

        private ColumnData column(String name) {
            var data = file.read(group, need(file, name));
            if (data.values().size() != data.rows() || data.leaf().maxRepetition() > 0) {
                throw DatasetException.at(
                        file.path(), "column '%s' must hold one value a row".formatted(name));
            }
            return data;
        }

        private long[] longs(String name) {
            var data = column(name);
            var out = new long[data.rows()];
            for (int i = 0; i < out.length; i++) out[i] = data.values().asLong(i);
            return out;
        }

        private double[] doubles(String name) {
            var data = column(name);
            var out = new double[data.rows()];
            for (int i = 0; i < out.length; i++) out[i] = data.values().asDouble(i);
            return out;
        }

        private List<List<String>> tasks(int rows) {
            var leaf = file.leaf("tasks");
            var out = new ArrayList<List<String>>(rows);
            if (leaf.isEmpty()) {
                for (int i = 0; i < rows; i++) out.add(List.of());
                return out;
            }
            var data = file.read(group, leaf.get());
            if (!(data.values() instanceof Values.Binaries words)) {
                throw DatasetException.at(file.path(), "column 'tasks' holds no text");
            }
            var starts = data.rowStarts();
            for (int row = 0; row < rows; row++) {
                var list = new ArrayList<String>();
                for (int i = starts[row]; i < starts[row + 1]; i++) list.add(words.text(i));
                out.add(list);
            }
            return out;
        }
    }

    private static SequencedMap<Integer, String> tasksV2(Path root) {
        var tasks = new TreeMap<Integer, String>();
        for (var line : Json.lines(root.resolve("meta/tasks.jsonl"))) {
            tasks.put(line.path("task_index").asInt(-1), line.path("task").asString(""));
        }
        return tasks;
    }

    private static List<EpisodeMeta> episodesV2(Path root, Info info) {
        var path = root.resolve("meta/episodes.jsonl");
        var lines = new TreeMap<Integer, JsonNode>();
        for (var line : Json.lines(path)) {
            int index = line.path("episode_index").asInt(-1),
                    length = line.path("length").asInt(-1);
            if (index < 0 || length < 0)
                throw DatasetException.at(
                        path, "holds an episode without number or length: " + line);
            lines.put(index, line);
        }
        var episodes = new ArrayList<EpisodeMeta>();
        long from = 0;
        for (var entry : lines.entrySet()) {
            int index = entry.getKey(), length = entry.getValue().path("length").asInt();
            var tasks = new ArrayList<String>();
            for (var task : entry.getValue().path("tasks")) tasks.add(task.asString());
            var file = new FileRef(index / info.storage().chunksSize(), index);
            var spans = new HashMap<String, VideoSpan>();
            for (var video : info.videos()) {
                spans.put(video.name(), new VideoSpan(file, 0, (double) length / info.fps()));
            }
            episodes.add(new EpisodeMeta(index, tasks, length, from, file, spans));
            from += length;
        }
        return episodes;
    }

    private static List<SequencedMap<String, FeatureStats>> episodeStatsV2(Path root) {
        var path = root.resolve(EPISODES_STATS);
        return Json.lines(path).stream().map(line -> stats(path, line.path("stats"))).toList();
    }

    /// Statistics of each episode by its number, empty where the data set keeps none.
    static Map<Integer, SequencedMap<String, FeatureStats>> episodeStats(Path root, Info info) {
        var out = new TreeMap<Integer, SequencedMap<String, FeatureStats>>();
        if (info.isV3()) {
            for (var path : shards(root)) {
                try (var file = ParquetFile.open(path)) {
                    for (int g = 0; g < file.groups(); g++) collect(file, g, info, out);
                }
            }
        } else if (Files.exists(root.resolve(EPISODES_STATS))) {
            var path = root.resolve(EPISODES_STATS);
            for (var line : Json.lines(path)) {
                out.put(line.path("episode_index").asInt(-1), stats(path, line.path("stats")));
            }
        }
        return out;
    }

    private static void collect(
            ParquetFile file,
            int group,
            Info info,
            Map<Integer, SequencedMap<String, FeatureStats>> out) {
        var numbers = file.read(group, need(file, "episode_index"));
        var found = new ArrayList<Map<String, Map<String, JsonNode>>>();
        for (int i = 0; i < numbers.rows(); i++) found.add(new LinkedHashMap<>());
        for (var field : file.schema()) {
            if (!field.name().startsWith("stats/")) continue;
            var parts = field.name().split("/", 3);
            if (parts.length < 3 || !info.features().containsKey(parts[1])) continue;
            var leaves =
                    file.leaves(field.name()).stream().map(leaf -> file.read(group, leaf)).toList();
            var rows = Records.of(field, leaves);
            for (int i = 0; i < rows.size(); i++) {
                if (rows.get(i).isNull()) continue;
                found.get(i)
                        .computeIfAbsent(parts[1], _ -> new LinkedHashMap<>())
                        .put(parts[2], rows.get(i));
            }
        }
        for (int i = 0; i < numbers.rows(); i++) {
            var stats = new LinkedHashMap<String, FeatureStats>();
            found.get(i)
                    .forEach((feature, values) ->
                            stats.put(
                                    feature,
                                    FeatureStats.parse(feature, Json.MAPPER.valueToTree(values))));
            out.put((int) numbers.values().asLong(i), stats);
        }
    }
}
