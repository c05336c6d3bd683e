package dev.orrery.data.lerobot;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// One named column of a data set.
///
/// @param name such as `observation.state`; see [#checkName]
/// @param dtype what its elements are
/// @param shape sizes of its axes; pictures state `[H, W, 3]`, or `[3, H, W]` with names to match
/// @param names names of the axes or dimensions as found, possibly JSON null
/// @param info further facts as found, such as a video's codec; possibly empty
public record Feature(
        String name, Dtype dtype, List<Integer> shape, JsonNode names, ObjectNode info) {

    /// The features that every data set has and the writer fills in.
    public static final Set<String> AUTOMATIC =
            Set.of("timestamp", "frame_index", "episode_index", "index", "task_index");

    public Feature {
        checkName(name);
        shape = List.copyOf(shape);
        if (dtype != Dtype.STRING && dtype != Dtype.LANGUAGE && shape.isEmpty()) {
            throw new IllegalArgumentException("feature '%s' has no shape".formatted(name));
        }
        for (int size : shape) {
            if (size < 1) {
                throw new IllegalArgumentException(
                        "feature '%s' has shape %s; sizes start at 1".formatted(name, shape));
            }
        }
        if (shape.size() > 5) {
            throw new IllegalArgumentException(
                    "feature '%s' has shape %s; 5 axes are the most".formatted(name, shape));
        }
        if (dtype.isPicture() && shape.size() != 3) {
            throw new IllegalArgumentException(
                    "picture feature '%s' has shape %s; it needs [H, W, 3]".formatted(name, shape));
        }
    }

    /// A feature of numbers.
    ///
    /// @param dimensions a name for each dimension, or none
    public static Feature numbers(
            String name, Dtype dtype, List<Integer> shape, List<String> dimensions) {
        return new Feature(
                name, dtype, shape, names(dimensions), JsonNodeFactory.instance.objectNode());
    }

    /// A picture of a camera, stored as PNG in the Parquet file or as mp4.
    public static Feature picture(String name, Dtype dtype, int height, int width) {
        if (!dtype.isPicture())
            throw new IllegalArgumentException(dtype.label() + " is no picture");
        return new Feature(
                name,
                dtype,
                List.of(height, width, 3),
                names(List.of("height", "width", "channels")),
                JsonNodeFactory.instance.objectNode());
    }

    /// A line of text for each frame.
    public static Feature text(String name) {
        return numbers(name, Dtype.STRING, List.of(1), List.of());
    }

    private static JsonNode names(List<String> names) {
        if (names.isEmpty()) return JsonNodeFactory.instance.nullNode();
        var list = JsonNodeFactory.instance.arrayNode();
        names.forEach(list::add);
        return list;
    }

    /// The features that the writer fills in, in their usual order.
    static List<Feature> automatic() {
        return List.of(
                numbers("timestamp", Dtype.FLOAT32, List.of(1), List.of()),
                numbers("frame_index", Dtype.INT64, List.of(1), List.of()),
                numbers("episode_index", Dtype.INT64, List.of(1), List.of()),
                numbers("index", Dtype.INT64, List.of(1), List.of()),
                numbers("task_index", Dtype.INT64, List.of(1), List.of()));
    }

    /// Refuses names that would not be safe as part of a path.
    ///
    /// @throws IllegalArgumentException for empty names, separators, `..`, control characters
    public static void checkName(String name) {
        boolean unsafe =
                name.isBlank()
                        || name.contains("/")
                        || name.contains("\\")
                        || name.contains("..")
                        || name.startsWith(".")
                        || name.chars().anyMatch(c -> c < 32 || c == ':' || c == 127);
        if (unsafe) {
            throw new IllegalArgumentException(
                    "feature name '%s' is not safe in a path; use letters, digits, dots, '_' and '-'"
                            .formatted(name));
        }
    }

    /// The number of elements of one frame.
    public int elements() {
        return shape.stream().mapToInt(Integer::intValue).reduce(1, Math::multiplyExact);
    }

    /// Whether a picture's stated shape is channels first.
    public boolean channelsFirst() {
        if (!dtype.isPicture()) return false;
        var dimensions = dimensions();
        if (dimensions.size() == 3)
            return dimensions.getFirst().toLowerCase(Locale.ROOT).startsWith("channel");
        return shape.getFirst() == 3 && shape.getLast() != 3;
    }

    /// Rows H of a picture.
    public int height() {
        return shape.get(channelsFirst() ? 1 : 0);
    }

    /// Columns W of a picture.
    public int width() {
        return shape.get(channelsFirst() ? 2 : 1);
    }

    /// Channels of a picture.
    public int channels() {
        return shape.get(channelsFirst() ? 0 : 2);
    }

    /// Whether a picture is a depth map, which has one channel and its own units.
    public boolean isDepth() {
        return info.path("is_depth_map").asBoolean(false)
                || info.path("video.is_depth_map").asBoolean(false);
    }

    /// The names of axes or dimensions in one list, whatever form they are written in; empty if
    /// there are none.
    public List<String> dimensions() {
        var out = new ArrayList<String>();
        flatten(names, out);
        return out;
    }

    private static void flatten(JsonNode node, List<String> out) {
        if (node.isString()) out.add(node.stringValue());
        else if (node.isContainer()) node.values().forEach(child -> flatten(child, out));
    }

    /// The name of one dimension, for messages: `action[2]` or `action[2] (gripper)`.
    public String dimension(int i) {
        if (elements() == 1) return name;
        var dimensions = dimensions();
        return dimensions.size() == elements()
                ? "%s[%d] (%s)".formatted(name, i, dimensions.get(i))
                : "%s[%d]".formatted(name, i);
    }

    /// The same feature under another name.
    public Feature named(String other) {
        return new Feature(other, dtype, shape, names, info);
    }

    /// The same feature with another way of storing its pictures and other facts about them.
    public Feature stored(Dtype other, ObjectNode facts) {
        return new Feature(name, other, shape, names, facts);
    }

    /// Whether two features hold the same kind of values: names and encoders may differ.
    public boolean sameKind(Feature other) {
        return dtype == other.dtype && shape.equals(other.shape);
    }
}
