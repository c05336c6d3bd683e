package dev.orrery.data.parquet;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// Takes JSON values apart into the leaves of a nested column: the inverse of [Records].
public final class Shredder {

    private final List<Leaf> leaves;
    private final List<List<JsonNode>> values = new ArrayList<>();
    private final List<ByteArrayOutputStream> definition = new ArrayList<>(),
            repetition = new ArrayList<>();

    private Shredder(List<Leaf> leaves) {
        this.leaves = leaves;
        for (var _ : leaves) {
            values.add(new ArrayList<>());
            definition.add(new ByteArrayOutputStream());
            repetition.add(new ByteArrayOutputStream());
        }
    }

    /// The leaves' data of one column.
    ///
    /// @param field the top-level field
    /// @param leaves its leaves, in order
    /// @param rows one value a row; missing members count as null
    public static List<ColumnData> shred(Field field, List<Leaf> leaves, List<JsonNode> rows) {
        var shredder = new Shredder(leaves);
        for (var row : rows) shredder.write(field, row, 0, 0, 0, 0);
        var out = new ArrayList<ColumnData>();
        for (int i = 0; i < leaves.size(); i++) {
            var leaf = leaves.get(i);
            out.add(
                    new ColumnData(
                            leaf,
                            typed(leaf.field().physical(), shredder.values.get(i)),
                            leaf.maxDefinition() == 0
                                    ? new byte[0]
                                    : shredder.definition.get(i).toByteArray(),
                            leaf.maxRepetition() == 0
                                    ? new byte[0]
                                    : shredder.repetition.get(i).toByteArray()));
        }
        return out;
    }

    /// @param def definition level reached above the field
    /// @param rep repetition level at which this value repeats
    /// @param depth repeated levels above the field
    private void write(Field field, JsonNode value, int leaf, int def, int rep, int depth) {
        boolean optional = field.repetition() == Field.Repetition.OPTIONAL;
        if (value.isNull() || value.isMissingNode()) {
            if (!optional)
                throw new IllegalArgumentException(
                        "field '%s' must not be null".formatted(field.name()));
            nothing(field, leaf, def, rep);
            return;
        }
        int here = def + (optional ? 1 : 0);
        switch (field) {
            case Field.Primitive _ -> {
                values.get(leaf).add(value);
                definition.get(leaf).write(here);
                repetition.get(leaf).write(rep);
            }
            case Field.Group group when group.meaning() == Field.Meaning.LIST ->
                    list(group, value, leaf, here, rep, depth);
            case Field.Group group -> {
                int at = leaf;
                for (var child : group.children()) {
                    write(child, value.path(child.name()), at, here, rep, depth);
                    at += count(child);
                }
            }
        }
    }

    private void list(Field.Group group, JsonNode value, int leaf, int def, int rep, int depth) {
        var element = ((Field.Group) group.children().getFirst()).children().getFirst();
        if (value.isEmpty()) {
            nothing(group, leaf, def, rep);
            return;
        }
        boolean first = true;
        for (var item : value) {
            write(element, item, leaf, def + 1, first ? rep : depth + 1, depth + 1);
            first = false;
        }
    }

    private void nothing(Field field, int leaf, int def, int rep) {
        for (int i = 0; i < count(field); i++) {
            definition.get(leaf + i).write(def);
            repetition.get(leaf + i).write(rep);
        }
    }

    private static int count(Field field) {
        return switch (field) {
            case Field.Primitive _ -> 1;
            case Field.Group group -> group.children().stream().mapToInt(Shredder::count).sum();
        };
    }

    private static Values typed(Field.Physical type, List<JsonNode> nodes) {
        return switch (type) {
            case BOOLEAN -> {
                var out = new boolean[nodes.size()];
                for (int i = 0; i < out.length; i++) out[i] = nodes.get(i).booleanValue();
                yield new Values.Booleans(out);
            }
            case INT32 -> new Values.Ints(nodes.stream().mapToInt(JsonNode::intValue).toArray());
            case INT64 -> new Values.Longs(nodes.stream().mapToLong(JsonNode::longValue).toArray());
            case FLOAT -> {
                var out = new float[nodes.size()];
                for (int i = 0; i < out.length; i++) out[i] = nodes.get(i).floatValue();
                yield new Values.Floats(out);
            }
            case DOUBLE ->
                    new Values.Doubles(nodes.stream().mapToDouble(JsonNode::doubleValue).toArray());
            case INT96, BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY ->
                    new Values.Binaries(nodes.stream().map(Shredder::bytes).toArray(byte[][]::new));
        };
    }

    private static byte[] bytes(JsonNode node) {
        return node.isBinary()
                ? node.binaryValue()
                : (node.isString() ? node.stringValue() : node.toString())
                        .getBytes(StandardCharsets.UTF_8);
    }
}
