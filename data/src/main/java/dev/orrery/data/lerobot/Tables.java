package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import dev.orrery.data.parquet.ColumnData;
import dev.orrery.data.parquet.Field;
import dev.orrery.data.parquet.Leaf;
import dev.orrery.data.parquet.ParquetFile;
import dev.orrery.data.parquet.Records;
import dev.orrery.data.parquet.Values;
import java.io.Closeable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The data files of a data set, read by feature and row, with the columns used last kept in
/// memory.
final class Tables implements Closeable {

    private static final int OPEN_FILES = 32;

    private final long most;
    private final Pool<ParquetFile> files = new Pool<>(OPEN_FILES, ParquetFile::open);
    private final LinkedHashMap<Key, Column> cache = new LinkedHashMap<>(64, 0.75f, true);
    private long cached;

    private record Key(Path file, int group, String path) {}

    /// @param most bytes of columns to keep
    Tables(long most) {
        this.most = most;
    }

    /// Where values go: row of the request, column, row in the column.
    interface Rows {
        void accept(int row, Column column, int at);
    }

    long rows(Path file) {
        return files.use(file, ParquetFile::rows);
    }

    List<Field> schema(Path file) {
        return files.use(file, ParquetFile::schema);
    }

    /// Walks over some rows of one leaf.
    ///
    /// @param path the leaf's path, or its top field to get the first leaf below that
    void walk(Path file, String path, long first, int rows, Rows sink) {
        if (rows == 0) return;
        var groups = files.use(file, f -> spans(f, first, rows));
        int done = 0;
        for (var span : groups) {
            var column = column(file, span.group(), path);
            for (int i = 0; i < span.rows(); i++) sink.accept(done++, column, span.from() + i);
        }
    }

    private record Span(int group, int from, int rows) {}

    private static List<Span> spans(ParquetFile file, long first, int rows) {
        if (first < 0 || first + rows > file.rows()) {
            throw DatasetException.at(
                    file.path(),
                    "has %d rows; rows %d to %d are asked for"
                            .formatted(file.rows(), first, first + rows - 1));
        }
        var out = new ArrayList<Span>();
        long at = first;
        while (at < first + rows) {
            int group = file.groupOf(at);
            long end = Math.min(first + rows, file.firstRow(group) + file.rows(group));
            out.add(new Span(group, (int) (at - file.firstRow(group)), (int) (end - at)));
            at = end;
        }
        return out;
    }

    private Column column(Path file, int group, String path) {
        var key = new Key(file, group, path);
        synchronized (cache) {
            var found = cache.get(key);
            if (found != null) return found;
        }
        var column = Column.of(files.use(file, f -> f.read(group, leaf(f, path))));
        synchronized (cache) {
            if (cache.put(key, column) == null) cached += column.weight();
            while (cached > most && cache.size() > 1)
                cached -= cache.pollFirstEntry().getValue().weight();
        }
        return column;
    }

    private static Leaf leaf(ParquetFile file, String path) {
        return file.leaves().stream()
                .filter(leaf -> leaf.title().equals(path) || leaf.top().equals(path))
                .findFirst()
                .orElseThrow(() ->
                        DatasetException.at(
                                file.path(),
                                "has no column '%s'; it has %s"
                                        .formatted(
                                                path,
                                                file.schema().stream().map(Field::name).toList())));
    }

    /// Numbers of some rows as doubles, row after row.
    double[] doubles(Path file, Feature feature, long first, int rows) {
        int n = feature.elements();
        var out = new double[Math.multiplyExact(rows, n)];
        walk(
                file,
                feature.name(),
                first,
                rows,
                (row, column, at) -> {
                    check(file, feature, first + row, column.size(at));
                    for (int i = 0; i < n; i++)
                        out[row * n + i] =
                                number(feature, column.values(), column.starts()[at] + i);
                });
        return out;
    }

    /// Numbers of some rows as floats, row after row.
    float[] floats(Path file, Feature feature, long first, int rows) {
        int n = feature.elements();
        var out = new float[Math.multiplyExact(rows, n)];
        walk(
                file,
                feature.name(),
                first,
                rows,
                (row, column, at) -> {
                    check(file, feature, first + row, column.size(at));
                    int from = column.starts()[at];
                    if (column.values() instanceof Values.Floats(var array)) {
                        System.arraycopy(array, from, out, row * n, n);
                    } else {
                        for (int i = 0; i < n; i++)
                            out[row * n + i] = (float) number(feature, column.values(), from + i);
                    }
                });
        return out;
    }

    /// Integers of some rows, row after row.
    long[] longs(Path file, Feature feature, long first, int rows) {
        int n = feature.elements();
        var out = new long[Math.multiplyExact(rows, n)];
        walk(
                file,
                feature.name(),
                first,
                rows,
                (row, column, at) -> {
                    check(file, feature, first + row, column.size(at));
                    for (int i = 0; i < n; i++)
                        out[row * n + i] =
                                integer(feature, column.values(), column.starts()[at] + i);
                });
        return out;
    }

    private static double number(Feature feature, Values values, int i) {
        if (values instanceof Values.Binaries(var bytes)) {
            if (feature.dtype() == Dtype.FLOAT16 && bytes[i].length == 2) {
                return Float.float16ToFloat((short) (bytes[i][0] & 0xff | bytes[i][1] << 8));
            }
            throw new DatasetException(
                    "feature '%s' is stored as bytes, not as numbers".formatted(feature.name()));
        }
        return switch (feature.dtype()) {
            case INT64, UINT32, UINT64, INT32 -> integer(feature, values, i);
            default -> values.asDouble(i);
        };
    }

    private static long integer(Feature feature, Values values, int i) {
        if (values instanceof Values.Binaries) return (long) number(feature, values, i);
        long value = values.asLong(i);
        return feature.dtype() == Dtype.UINT32 ? value & 0xffffffffL : value;
    }

    private static void check(Path file, Feature feature, long row, int found) {
        if (found != feature.elements()) {
            throw DatasetException.at(
                    file,
                    "row %d: '%s' has %d values where its shape %s needs %d"
                            .formatted(
                                    row,
                                    feature.name(),
                                    found,
                                    feature.shape(),
                                    feature.elements()));
        }
    }

    /// Text of some rows; a missing one is empty.
    List<String> texts(Path file, Feature feature, long first, int rows) {
        var out = new ArrayList<String>(rows);
        walk(
                file,
                feature.name(),
                first,
                rows,
                (_, column, at) -> {
                    if (!(column.values() instanceof Values.Binaries(var bytes))) {
                        throw DatasetException.at(
                                file, "column '%s' holds no text".formatted(feature.name()));
                    }
                    out.add(
                            column.size(at) == 0
                                    ? ""
                                    : new String(
                                            bytes[column.starts()[at]], StandardCharsets.UTF_8));
                });
        return out;
    }

    /// The bytes of the pictures of some rows.
    ///
    /// A picture that is only named by a path is looked up through `outside`.
    List<byte[]> pictures(
            Path file,
            Feature feature,
            long first,
            int rows,
            java.util.function.Function<String, byte[]> outside) {
        var out = new ArrayList<byte[]>(rows);
        walk(
                file,
                feature.name(),
                first,
                rows,
                (row, column, at) -> {
                    if (!(column.values() instanceof Values.Binaries(var bytes))) {
                        throw DatasetException.at(
                                file, "column '%s' holds no pictures".formatted(feature.name()));
                    }
                    out.add(
                            column.size(at) > 0
                                    ? bytes[column.starts()[at]]
                                    : outside.apply(
                                            pathOf(file, feature, first + row)
                                                    .orElseThrow(() ->
                                                            DatasetException.at(
                                                                    file,
                                                                    "row %d: '%s' holds no picture"
                                                                            .formatted(
                                                                                    first + row,
                                                                                    feature
                                                                                            .name())))));
                });
        return out;
    }

    private Optional<String> pathOf(Path file, Feature feature, long row) {
        var found = new ArrayList<String>();
        if (files.use(file, f -> f.leaves(feature.name()).size()) < 2) return Optional.empty();
        walk(
                file,
                feature.name() + "/path",
                row,
                1,
                (_, column, at) -> {
                    if (column.size(at) > 0 && column.values() instanceof Values.Binaries b)
                        found.add(b.text(column.starts()[at]));
                });
        return found.stream().findFirst();
    }

    /// Some rows of a nested column as JSON.
    List<JsonNode> records(Path file, Feature feature, long first, int rows) {
        return files.use(
                file,
                f -> {
                    var field =
                            f.schema().stream()
                                    .filter(s -> s.name().equals(feature.name()))
                                    .findFirst()
                                    .orElseThrow(() ->
                                            DatasetException.at(
                                                    file,
                                                    "has no column '%s'"
                                                            .formatted(feature.name())));
                    var out = new ArrayList<JsonNode>(rows);
                    for (var span : spans(f, first, rows)) {
                        List<ColumnData> leaves =
                                f.leaves(feature.name()).stream()
                                        .map(l -> f.read(span.group(), l))
                                        .toList();
                        out.addAll(
                                Records.of(field, leaves)
                                        .subList(span.from(), span.from() + span.rows()));
                    }
                    return out;
                });
    }

    @Override
    public void close() {
        files.close();
    }
}
