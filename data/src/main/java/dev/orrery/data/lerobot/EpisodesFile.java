package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import dev.orrery.data.lerobot.EpisodeMeta.FileRef;
import dev.orrery.data.parquet.ColumnData;
import dev.orrery.data.parquet.Field;
import dev.orrery.data.parquet.Field.Meaning;
import dev.orrery.data.parquet.Field.Physical;
import dev.orrery.data.parquet.Leaf;
import dev.orrery.data.parquet.ParquetFile;
import dev.orrery.data.parquet.ParquetWriter;
import dev.orrery.data.parquet.Shredder;
import dev.orrery.data.parquet.Values;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Writes the table of episodes of version 3.0.
final class EpisodesFile {

    private static final int ROWS_IN_GROUP = 500, ROWS_IN_FILE = 20_000;

    private final Path root;
    private final Info info;
    private final List<Row> rows = new ArrayList<>();
    private FileRef ref;
    private boolean rolls = true;
    private int rowsInFile;
    private Optional<ParquetWriter> writer = Optional.empty();

    private record Row(EpisodeMeta episode, Map<String, ObjectNode> stats) {}

    EpisodesFile(Path root, Info info, FileRef first) {
        this.root = root;
        this.info = info;
        this.ref = first;
    }

    static Path path(Path root, FileRef ref) {
        return root.resolve(
                "%s/chunk-%03d/file-%03d.parquet"
                        .formatted(Meta.EPISODES, ref.chunk(), ref.file()));
    }

    /// Writes a file of the table anew, in its place, with other statistics of its episodes.
    ///
    /// @throws DatasetException if it has columns that would be lost
    static void replace(
            Path shard, Info info, Map<Integer, SequencedMap<String, FeatureStats>> stats) {
        var ref = ref(shard);
        var root = shard.getParent().getParent().getParent().getParent();
        if (!path(root, ref).equals(shard))
            throw DatasetException.at(shard, "is not named as chunk-000/file-000.parquet is");
        try (var file = ParquetFile.open(shard)) {
            var lost = file.schema().stream().map(Field::name).filter(n -> !known(n)).toList();
            if (!lost.isEmpty())
                throw DatasetException.at(shard, "has columns that would be lost: " + lost);
        }
        var out = new EpisodesFile(root, info, ref);
        out.rolls = false;
        for (var episode : Meta.episodesIn(shard, info)) {
            out.add(episode, stats.getOrDefault(episode.index(), new LinkedHashMap<>()));
        }
        out.close();
    }

    /// The number that a file of the table has in its name and its folder's.
    static FileRef ref(Path shard) {
        return new FileRef(
                number(shard.getParent().getFileName().toString()),
                number(shard.getFileName().toString()));
    }

    private static int number(String name) {
        var digits = name.replaceAll("\\D", "");
        return digits.isEmpty() || digits.length() > 9 ? 0 : Integer.parseInt(digits);
    }

    private static boolean known(String column) {
        return column.matches(
                "episode_index|tasks|length|dataset_(from|to)_index|data/(chunk|file)_index"
                        + "|videos/.*|stats/.*|meta/episodes/(chunk|file)_index");
    }

    void add(EpisodeMeta episode, SequencedMap<String, FeatureStats> stats) {
        var json = new LinkedHashMap<String, ObjectNode>();
        stats.forEach((name, value) -> json.put(name, value.toJson(info.features().get(name))));
        rows.add(new Row(episode, json));
        if (rows.size() == ROWS_IN_GROUP) flush();
    }

    private void flush() {
        if (rows.isEmpty()) return;
        if (rolls && rowsInFile >= ROWS_IN_FILE) {
            writer.ifPresent(ParquetWriter::close);
            writer = Optional.empty();
            ref = ref.next(info.storage().chunksSize());
            rowsInFile = 0;
        }
        if (writer.isEmpty())
            writer = Optional.of(ParquetWriter.create(path(root, ref), schema(), Map.of()));
        writer.get().write(columns(writer.get().leaves()));
        rowsInFile += rows.size();
        rows.clear();
    }

    void close() {
        flush();
        writer.ifPresent(ParquetWriter::close);
        writer = Optional.empty();
    }

    private List<Field> schema() {
        var fields = new ArrayList<Field>();
        fields.add(integer("episode_index"));
        fields.add(Field.list("tasks", Field.leaf("element", Physical.BYTE_ARRAY, Meaning.STRING)));
        for (var name :
                List.of(
                        "length",
                        "data/chunk_index",
                        "data/file_index",
                        "dataset_from_index",
                        "dataset_to_index")) {
            fields.add(integer(name));
        }
        for (var video : info.videos()) {
            var prefix = "videos/" + video.name() + "/";
            fields.add(integer(prefix + "chunk_index"));
            fields.add(integer(prefix + "file_index"));
            fields.add(Field.leaf(prefix + "from_timestamp", Physical.DOUBLE, Meaning.NONE));
            fields.add(Field.leaf(prefix + "to_timestamp", Physical.DOUBLE, Meaning.NONE));
        }
        rows.stream()
                .map(Row::stats)
                .max(java.util.Comparator.comparingInt(Map::size))
                .orElseThrow()
                .forEach((feature, stats) ->
                        stats.forEachEntry(
                                (key, value) -> fields.add(statistic(feature, key, value))));
        fields.add(integer("meta/episodes/chunk_index"));
        fields.add(integer("meta/episodes/file_index"));
        return fields;
    }

    private static Field integer(String name) {
        return Field.leaf(name, Physical.INT64, Meaning.NONE);
    }

    private static Field statistic(String feature, String key, JsonNode value) {
        int depth = 0;
        for (JsonNode node = value; node.isArray(); node = node.path(0)) depth++;
        var name = "stats/" + feature + "/" + key;
        Field field =
                Field.leaf(
                        "element",
                        key.equals("count") ? Physical.INT64 : Physical.DOUBLE,
                        Meaning.NONE);
        for (int axis = depth; axis > 0; axis--)
            field = Field.list(axis == 1 ? name : "element", field);
        return field;
    }

    private List<ColumnData> columns(List<Leaf> leaves) {
        var out = new ArrayList<ColumnData>();
        for (var leaf : leaves) {
            var name = leaf.top();
            var parts = name.split("/", 3);
            out.add(
                    switch (parts[0]) {
                        case "tasks" -> tasks(leaf);
                        case "stats" -> stats(leaf, parts[1], parts[2]);
                        case "videos" -> video(leaf, parts[1], parts[2]);
                        default -> ColumnData.flat(leaf, longs(fact(name)));
                    });
        }
        return out;
    }

    private ToLongFunction<EpisodeMeta> fact(String name) {
        return switch (name) {
            case "episode_index" -> EpisodeMeta::index;
            case "length" -> EpisodeMeta::length;
            case "data/chunk_index" -> e -> e.data().chunk();
            case "data/file_index" -> e -> e.data().file();
            case "dataset_from_index" -> EpisodeMeta::from;
            case "dataset_to_index" -> EpisodeMeta::to;
            case "meta/episodes/chunk_index" -> _ -> ref.chunk();
            case "meta/episodes/file_index" -> _ -> ref.file();
            default -> throw new AssertionError(name);
        };
    }

    private Values longs(ToLongFunction<EpisodeMeta> value) {
        return new Values.Longs(rows.stream().map(Row::episode).mapToLong(value).toArray());
    }

    private ColumnData tasks(Leaf leaf) {
        var field = Field.list("tasks", Field.leaf("element", Physical.BYTE_ARRAY, Meaning.STRING));
        var lists =
                rows.stream()
                        .<JsonNode>map(row -> {
                            var list = JsonNodeFactory.instance.arrayNode();
                            row.episode().tasks().forEach(list::add);
                            return list;
                        })
                        .toList();
        return Shredder.shred(field, List.of(leaf), lists).getFirst();
    }

    private ColumnData video(Leaf leaf, String key, String what) {
        ToDoubleFunction<EpisodeMeta> value =
                e -> {
                    var span = e.videos().get(key);
                    return switch (what) {
                        case "chunk_index" -> span.file().chunk();
                        case "file_index" -> span.file().file();
                        case "from_timestamp" -> span.from();
                        default -> span.to();
                    };
                };
        var doubles = rows.stream().map(Row::episode).mapToDouble(value).toArray();
        return ColumnData.flat(
                leaf,
                leaf.field().physical() == Physical.DOUBLE
                        ? new Values.Doubles(doubles)
                        : new Values.Longs(
                                java.util.Arrays.stream(doubles)
                                        .mapToLong(d -> (long) d)
                                        .toArray()));
    }

    private ColumnData stats(Leaf leaf, String feature, String key) {
        // An episode without frames has no statistics.
        var none = JsonNodeFactory.instance.nullNode();
        var nodes =
                rows.stream()
                        .map(row -> row.stats().get(feature))
                        .<JsonNode>map(
                                all -> all == null || all.get(key) == null ? none : all.get(key))
                        .toList();
        var shape = nodes.stream().filter(JsonNode::isArray).findFirst().orElse(nodes.getFirst());
        return Shredder.shred(statistic(feature, key, shape), List.of(leaf), nodes).getFirst();
    }
}
