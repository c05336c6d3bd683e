package dev.orrery.data.lerobot;

import dev.orrery.data.parquet.ColumnData;
import dev.orrery.data.parquet.Field;
import dev.orrery.data.parquet.Field.Meaning;
import dev.orrery.data.parquet.Field.Physical;
import dev.orrery.data.parquet.Leaf;
import dev.orrery.data.parquet.Shredder;
import dev.orrery.data.parquet.Values;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// How features are laid out as Parquet columns.
final class Columns {

    private Columns() {}

    /// The field that holds a feature; video has none.
    static Field field(Feature feature) {
        var name = feature.name();
        return switch (feature.dtype()) {
            case IMAGE ->
                    Field.struct(
                            name,
                            Field.leaf("bytes", Physical.BYTE_ARRAY, Meaning.NONE),
                            Field.leaf("path", Physical.BYTE_ARRAY, Meaning.STRING));
            case VIDEO -> throw new IllegalArgumentException("video has no column");
            case STRING -> text(name);
            case LANGUAGE -> language(name);
            default -> {
                int axes =
                        feature.elements() == 1 && feature.shape().size() == 1
                                ? 0
                                : feature.shape().size();
                Field field = number(axes == 0 ? name : "element", feature.dtype());
                for (int axis = axes - 1; axis >= 0; axis--)
                    field = Field.list(axis == 0 ? name : "element", field);
                yield field;
            }
        };
    }

    private static Field number(String name, Dtype dtype) {
        return new Field.Primitive(
                name,
                Field.Repetition.OPTIONAL,
                dtype.physical(),
                dtype.meaning(),
                dtype == Dtype.FLOAT16 ? 2 : 0);
    }

    private static Field text(String name) {
        return Field.leaf(name, Physical.BYTE_ARRAY, Meaning.STRING);
    }

    private static Field language(String name) {
        var fields = new ArrayList<Field>(List.of(text("role"), text("content"), text("style")));
        if (name.equals("language_persistent"))
            fields.add(Field.leaf("timestamp", Physical.FLOAT, Meaning.NONE));
        fields.add(text("camera"));
        fields.add(Field.list("tool_calls", text("element")));
        return Field.list(name, Field.struct("element", fields.toArray(Field[]::new)));
    }

    static List<ColumnData> numbers(Feature feature, Leaf leaf, Values values) {
        return List.of(
                leaf.maxRepetition() == 0
                        ? ColumnData.flat(leaf, values)
                        : ColumnData.lists(
                                leaf,
                                values,
                                feature.shape().stream().mapToInt(Integer::intValue).toArray()));
    }

    /// Numbers in the array type that the feature is stored in.
    static Values typed(Dtype dtype, double[] reals, long[] integers) {
        int n = dtype.isFloat() ? reals.length : integers.length;
        return switch (dtype) {
            case FLOAT32 -> {
                var out = new float[n];
                for (int i = 0; i < n; i++) out[i] = (float) reals[i];
                yield new Values.Floats(out);
            }
            case FLOAT64 -> new Values.Doubles(reals);
            case FLOAT16 -> {
                var out = new byte[n][];
                for (int i = 0; i < n; i++) {
                    short half = Float.floatToFloat16((float) reals[i]);
                    out[i] = new byte[] {(byte) half, (byte) (half >> 8)};
                }
                yield new Values.Binaries(out);
            }
            case BOOL -> {
                var out = new boolean[n];
                for (int i = 0; i < n; i++) out[i] = integers[i] != 0;
                yield new Values.Booleans(out);
            }
            case INT64, UINT64 -> new Values.Longs(integers);
            case INT8, INT16, INT32, UINT8, UINT16, UINT32 -> {
                var out = new int[n];
                for (int i = 0; i < n; i++) out[i] = (int) integers[i];
                yield new Values.Ints(out);
            }
            case STRING, IMAGE, VIDEO, LANGUAGE ->
                    throw new IllegalArgumentException(dtype.label() + " is no number");
        };
    }

    static List<ColumnData> pictures(List<Leaf> leaves, List<byte[]> pictures) {
        var present = new byte[pictures.size()];
        java.util.Arrays.fill(present, (byte) leaves.getFirst().maxDefinition());
        var paths =
                IntStream.range(0, pictures.size()).mapToObj("frame-%06d.png"::formatted).toList();
        return List.of(
                new ColumnData(
                        leaves.get(0),
                        new Values.Binaries(pictures.toArray(byte[][]::new)),
                        present,
                        new byte[0]),
                new ColumnData(leaves.get(1), binaries(paths), present, new byte[0]));
    }

    static ColumnData texts(Leaf leaf, List<String> texts) {
        return ColumnData.flat(leaf, binaries(texts));
    }

    static Values.Binaries binaries(List<String> texts) {
        return new Values.Binaries(
                texts.stream().map(t -> t.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new));
    }

    static List<ColumnData> records(Feature feature, List<Leaf> leaves, List<JsonNode> rows) {
        return Shredder.shred(field(feature), leaves, rows);
    }

    /// What the `datasets` library wants to know of the columns, for the file's metadata.
    static String huggingFace(List<Feature> features) {
        var json = JsonNodeFactory.instance.objectNode();
        var all = json.putObject("info").putObject("features");
        for (var feature : features) {
            if (feature.dtype() != Dtype.VIDEO && feature.dtype() != Dtype.LANGUAGE)
                all.set(feature.name(), huggingFace(feature));
        }
        return features.stream().anyMatch(f -> f.dtype() == Dtype.LANGUAGE) ? "" : json.toString();
    }

    private static ObjectNode huggingFace(Feature feature) {
        var json = JsonNodeFactory.instance.objectNode();
        if (feature.dtype() == Dtype.IMAGE) return json.put("_type", "Image");
        int axes = feature.shape().size();
        if (axes == 1 && feature.elements() == 1)
            return json.put("dtype", feature.dtype().label()).put("_type", "Value");
        if (axes == 1) {
            json.putObject("feature").put("dtype", feature.dtype().label()).put("_type", "Value");
            return json.put("length", feature.elements()).put("_type", "List");
        }
        var shape = json.putArray("shape");
        feature.shape().forEach(shape::add);
        return json.put("dtype", feature.dtype().label()).put("_type", "Array%dD".formatted(axes));
    }
}
