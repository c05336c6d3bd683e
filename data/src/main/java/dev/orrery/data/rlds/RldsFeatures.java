package dev.orrery.data.rlds;

import dev.orrery.data.DatasetException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What each key of an episode holds, as `features.json` says.
///
/// @param fields by flattened key, such as `steps/observation/image`
/// @param unread keys of kinds that are not read here, such as lists of varying length
public record RldsFeatures(SequencedMap<String, Field> fields, List<String> unread) {

    /// The prefix of what changes from step to step.
    public static final String STEPS = "steps/";

    private static final String PACKAGE = "tensorflow_datasets.core.features.";

    /// What one key holds.
    public sealed interface Field {}

    /// A picture in each step.
    ///
    /// @param format `png` or `jpeg`
    public record Picture(int height, int width, String format) implements Field {}

    /// Text.
    public record Text() implements Field {}

    /// Numbers of one shape.
    ///
    /// @param dtype numpy's name, such as `float32`
    /// @param shape empty for a single number
    /// @param encoding how they are stored: `none` as a list, `bytes` or `zlib` as byte strings
    public record Numbers(String dtype, List<Integer> shape, String encoding) implements Field {

        public Numbers {
            shape = List.copyOf(shape);
        }

        /// How many there are in a step.
        public int elements() {
            return shape.stream().mapToInt(Integer::intValue).reduce(1, Math::multiplyExact);
        }
    }

    /// The fields of each step.
    public SequencedMap<String, Field> steps() {
        var out = new LinkedHashMap<String, Field>();
        fields.forEach((key, field) -> {
            if (key.startsWith(STEPS)) out.put(key, field);
        });
        return out;
    }

    /// Reads the content of `features.json`.
    ///
    /// @throws DatasetException if it is no dictionary of features with steps
    static RldsFeatures parse(JsonNode json) {
        var fields = new LinkedHashMap<String, Field>();
        var unread = new ArrayList<String>();
        collect("", json, fields, unread, 0);
        if (fields.keySet().stream().noneMatch(key -> key.startsWith(STEPS)))
            throw new DatasetException("there is no feature 'steps' with features of its own");
        return new RldsFeatures(fields, List.copyOf(unread));
    }

    private static void collect(
            String key, JsonNode node, Map<String, Field> out, List<String> unread, int depth) {
        if (depth > 32) throw new DatasetException("'%s' is nested too deeply".formatted(key));
        if (key.equals("steps")) node = node.path("sequence").path("feature");
        var children = node.path("featuresDict").path("features");
        if (children.isObject()) {
            children.properties()
                    .forEach(child ->
                            collect(
                                    key.isEmpty() ? child.getKey() : key + "/" + child.getKey(),
                                    child.getValue(),
                                    out,
                                    unread,
                                    depth + 1));
            return;
        }
        var field = field(node);
        if (field.isPresent()) out.put(key, field.get());
        else unread.add(key);
    }

    private static Optional<Field> field(JsonNode node) {
        if (node.has("text")) return Optional.of(new Text());
        if (node.has("image")) {
            var shape = shape(node.path("image"));
            if (shape.size() != 3) return Optional.empty();
            var format = node.path("image").path("encodingFormat").asString("png");
            return Optional.of(
                    new Picture(
                            shape.get(0),
                            shape.get(1),
                            format.isEmpty() ? "png" : format.toLowerCase(Locale.ROOT)));
        }
        if (!node.has("tensor")) return Optional.empty();
        var tensor = node.path("tensor");
        var dtype = tensor.path("dtype").asString("");
        var shape = shape(tensor);
        if (shape.contains(-1)) return Optional.empty();
        if (dtype.equals("string"))
            return shape.isEmpty() ? Optional.of(new Text()) : Optional.empty();
        if (!dtype.matches("bool|u?int(8|16|32|64)|float(16|32|64)")) return Optional.empty();
        var encoding = tensor.path("encoding").asString("none").toLowerCase(Locale.ROOT);
        return Optional.of(new Numbers(dtype, shape, encoding));
    }

    /// Sizes of the axes; unknown ones and those that cannot be are -1.
    private static List<Integer> shape(JsonNode node) {
        var out = new ArrayList<Integer>();
        for (var size : node.path("shape").path("dimensions")) {
            var text = size.asString("");
            out.add(text.matches("[1-9][0-9]{0,6}") ? Integer.parseInt(text) : -1);
        }
        return out;
    }

    /// The content of `features.json`.
    ObjectNode toJson() {
        var root = dictionary();
        var steps = dictionary();
        fields.forEach((key, field) -> {
            boolean inside = key.startsWith(STEPS);
            put(inside ? steps : root, inside ? key.substring(STEPS.length()) : key, field);
        });
        var sequence = JsonNodeFactory.instance.objectNode();
        sequence.put("pythonClassName", PACKAGE + "dataset_feature.Dataset");
        sequence.putObject("sequence").put("length", "-1").set("feature", steps);
        members(root).set("steps", sequence);
        return root;
    }

    private static ObjectNode dictionary() {
        var node = JsonNodeFactory.instance.objectNode();
        node.put("pythonClassName", PACKAGE + "features_dict.FeaturesDict");
        node.putObject("featuresDict").putObject("features");
        return node;
    }

    private static ObjectNode members(ObjectNode dictionary) {
        return (ObjectNode) dictionary.get("featuresDict").get("features");
    }

    private static void put(ObjectNode into, String path, Field field) {
        int slash = path.indexOf('/');
        if (slash < 0) {
            members(into).set(path, json(field));
            return;
        }
        var name = path.substring(0, slash);
        if (!members(into).has(name)) members(into).set(name, dictionary());
        put((ObjectNode) members(into).get(name), path.substring(slash + 1), field);
    }

    private static ObjectNode json(Field field) {
        var node = JsonNodeFactory.instance.objectNode();
        switch (field) {
            case Text() -> {
                node.put("pythonClassName", PACKAGE + "text_feature.Text");
                node.putObject("text");
            }
            case Picture(int height, int width, var format) -> {
                node.put("pythonClassName", PACKAGE + "image_feature.Image");
                var image = node.putObject("image").put("dtype", "uint8");
                dimensions(image, List.of(height, width, 3));
                image.put("encodingFormat", format);
            }
            case Numbers(var dtype, var shape, var encoding) -> {
                node.put(
                        "pythonClassName",
                        PACKAGE + (shape.isEmpty() ? "scalar.Scalar" : "tensor_feature.Tensor"));
                var tensor = node.putObject("tensor").put("dtype", dtype);
                dimensions(tensor, shape);
                tensor.put("encoding", encoding);
            }
        }
        return node;
    }

    private static void dimensions(ObjectNode node, List<Integer> shape) {
        var object = node.putObject("shape");
        if (shape.isEmpty()) return;
        var list = object.putArray("dimensions");
        shape.forEach(size -> list.add(Integer.toString(size)));
    }
}
