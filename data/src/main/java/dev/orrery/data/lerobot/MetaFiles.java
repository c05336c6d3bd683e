package dev.orrery.data.lerobot;

import dev.orrery.data.parquet.ColumnData;
import dev.orrery.data.parquet.Field;
import dev.orrery.data.parquet.Field.Meaning;
import dev.orrery.data.parquet.Field.Physical;
import dev.orrery.data.parquet.ParquetWriter;
import dev.orrery.data.parquet.Values;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import tools.jackson.databind.node.JsonNodeFactory;

/// Writes the small files below `meta/`, each in one move.
final class MetaFiles {

    /// Without this the Python library cannot look tasks up by their text.
    private static final String PANDAS =
            """
            {"index_columns": ["task"], "column_indexes": [{"name": null, "field_name": null, \
            "pandas_type": "unicode", "numpy_type": "object", "metadata": {"encoding": "UTF-8"}}], \
            "columns": [{"name": "task_index", "field_name": "task_index", "pandas_type": "int64", \
            "numpy_type": "int64", "metadata": null}, {"name": "task", "field_name": "task", \
            "pandas_type": "unicode", "numpy_type": "object", "metadata": null}], \
            "creator": {"library": "orrery", "version": "0.1"}, "pandas_version": "2.2.3"}\
            """;

    private MetaFiles() {}

    static void tasks(Path root, SequencedMap<Integer, String> tasks) {
        var schema =
                List.<Field>of(
                        Field.leaf("task_index", Physical.INT64, Meaning.NONE),
                        Field.leaf("task", Physical.BYTE_ARRAY, Meaning.STRING));
        try (var writer =
                ParquetWriter.create(root.resolve(Meta.TASKS), schema, Map.of("pandas", PANDAS))) {
            var numbers = tasks.keySet().stream().mapToLong(Integer::longValue).toArray();
            writer.write(
                    List.of(
                            ColumnData.flat(writer.leaves().get(0), new Values.Longs(numbers)),
                            Columns.texts(
                                    writer.leaves().get(1), new ArrayList<>(tasks.values()))));
        }
    }

    static void stats(Path root, Info info, SequencedMap<String, FeatureStats> stats) {
        var json = JsonNodeFactory.instance.objectNode();
        stats.forEach((name, value) -> {
            var feature = info.features().get(name);
            if (feature != null) json.set(name, value.toJson(feature));
        });
        Atomic.write(root.resolve("meta/stats.json"), Json.pretty(json));
    }

    static void info(Path root, Info info) {
        Atomic.write(root.resolve("meta/info.json"), Json.pretty(info.toJson()));
    }
}
