package dev.orrery.data.parquet;

import dev.orrery.data.DatasetException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// Puts the leaves of a nested column back together, row by row, as JSON values.
///
/// Slow and general: for columns such as lists of structs. Numbers in lists are read faster from
/// [ColumnData] itself.
public final class Records {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final List<ColumnData> columns;
    private final int[] slot;
    private final int[] value;

    private Records(List<ColumnData> columns) {
        this.columns = columns;
        this.slot = new int[columns.size()];
        this.value = new int[columns.size()];
    }

    /// One JSON value a row.
    ///
    /// @param field the top-level field
    /// @param columns all leaves below it, in schema order, of the same row group
    public static List<JsonNode> of(Field field, List<ColumnData> columns) {
        var records = new Records(columns);
        int rows = columns.getFirst().rows();
        var out = new ArrayList<JsonNode>(rows);
        try {
            for (int row = 0; row < rows; row++) out.add(records.read(field, 0, 0, 0));
        } catch (IndexOutOfBoundsException e) {
            throw new DatasetException(
                    "column '%s' is damaged: its leaves disagree".formatted(field.name()), e);
        }
        return out;
    }

    private JsonNode read(Field field, int firstLeaf, int definition, int repetition) {
        if (field.repetition() == Field.Repetition.REPEATED) {
            return repeated(field, firstLeaf, definition + 1, repetition + 1);
        }
        int def = definition + (field.repetition() == Field.Repetition.OPTIONAL ? 1 : 0);
        return once(field, firstLeaf, def, repetition);
    }

    private JsonNode repeated(Field field, int leaf, int definition, int repetition) {
        var list = JSON.arrayNode();
        if (level(leaf) < definition) {
            skip(field, leaf);
            return list;
        }
        do {
            list.add(once(field, leaf, definition, repetition));
        } while (slot[leaf] < columns.get(leaf).slots()
                && columns.get(leaf).repetition()[slot[leaf]] >= repetition);
        return list;
    }

    private JsonNode once(Field field, int leaf, int definition, int repetition) {
        if (level(leaf) < definition) {
            skip(field, leaf);
            return JSON.nullNode();
        }
        return switch (field) {
            case Field.Primitive p -> next(p, leaf);
            case Field.Group group when isList(group) ->
                    unwrapped(
                            read(group.children().getFirst(), leaf, definition, repetition), group);
            case Field.Group group -> {
                var object = JSON.objectNode();
                int at = leaf;
                for (var child : group.children()) {
                    object.set(child.name(), read(child, at, definition, repetition));
                    at += leaves(child);
                }
                yield object;
            }
        };
    }

    private static boolean isList(Field.Group group) {
        return group.meaning() == Field.Meaning.LIST
                && group.children().size() == 1
                && group.children().getFirst().repetition() == Field.Repetition.REPEATED;
    }

    /// Takes away the inner level of a three-level list.
    private static JsonNode unwrapped(JsonNode list, Field.Group group) {
        if (!(group.children().getFirst() instanceof Field.Group inner)
                || inner.children().size() != 1) {
            return list;
        }
        var out = JSON.arrayNode();
        for (var element : list) out.add(element.get(inner.children().getFirst().name()));
        return out;
    }

    private int level(int leaf) {
        var levels = columns.get(leaf).definition();
        return levels.length == 0 ? columns.get(leaf).leaf().maxDefinition() : levels[slot[leaf]];
    }

    private void skip(Field field, int leaf) {
        for (int i = 0; i < leaves(field); i++) {
            if (level(leaf + i) == columns.get(leaf + i).leaf().maxDefinition()) value[leaf + i]++;
            slot[leaf + i]++;
        }
    }

    private static int leaves(Field field) {
        return switch (field) {
            case Field.Primitive _ -> 1;
            case Field.Group group -> group.children().stream().mapToInt(Records::leaves).sum();
        };
    }

    private JsonNode next(Field.Primitive field, int leaf) {
        slot[leaf]++;
        int i = value[leaf]++;
        return switch (columns.get(leaf).values()) {
            case Values.Booleans(var a) -> JSON.booleanNode(a[i]);
            case Values.Ints(var a) -> JSON.numberNode(a[i]);
            case Values.Longs(var a) -> JSON.numberNode(a[i]);
            case Values.Floats(var a) -> JSON.numberNode(a[i]);
            case Values.Doubles(var a) -> JSON.numberNode(a[i]);
            case Values.Binaries b ->
                    switch (field.meaning()) {
                        case STRING, JSON -> JSON.stringNode(b.text(i));
                        default -> JSON.binaryNode(b.array()[i]);
                    };
        };
    }
}
