package dev.orrery.data.lerobot;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// How a camera looks at the scene, so that pictures of one are not taken for those of another.
///
/// Stored as `camera` among the `info` of the camera's feature; the Python library keeps it and
/// gives it no meaning.
///
/// @param facts numbers and texts by name, such as `{"frame": "table", "left": 0, "side": 1}`
public record CameraSpec(ObjectNode facts) {

    private static final String KEY = "camera";

    /// Views straight down, of a square of a plane.
    ///
    /// @param frame what the square is fixed to: `table` or `gripper`
    /// @param left x of its left edge in that frame
    /// @param top y of its upper edge
    /// @param side its length
    public static CameraSpec downwards(String frame, double left, double top, double side) {
        return new CameraSpec(
                JsonNodeFactory.instance
                        .objectNode()
                        .put("projection", "orthographic")
                        .put("frame", frame)
                        .put("left", micro(left))
                        .put("top", micro(top))
                        .put("side", micro(side)));
    }

    /// To a millionth, as finer numbers are only noise of single precision.
    private static double micro(double value) {
        return Math.round(value * 1e6) / 1e6;
    }

    /// What a feature says of its camera, empty if nothing.
    public static Optional<CameraSpec> of(Feature feature) {
        return feature.info().get(KEY) instanceof ObjectNode facts
                ? Optional.of(new CameraSpec(facts))
                : Optional.empty();
    }

    /// The feature, with this said of its camera.
    public Feature on(Feature feature) {
        var info = feature.info().deepCopy();
        info.set(KEY, facts);
        return feature.stored(feature.dtype(), info);
    }

    /// What differs, in words; empty if nothing does. Numbers may differ by a millionth.
    ///
    /// @param here what this is called
    /// @param there what the other is called
    public List<String> differences(CameraSpec other, String here, String there) {
        var names = new TreeSet<>(facts.propertyNames());
        names.addAll(other.facts.propertyNames());
        var out = new ArrayList<String>();
        for (var name : names) {
            var mine = facts.path(name);
            var theirs = other.facts.path(name);
            if (!same(mine, theirs))
                out.add(
                        "%s is %s in %s and %s in %s"
                                .formatted(name, said(mine), here, said(theirs), there));
        }
        return out;
    }

    private static boolean same(JsonNode a, JsonNode b) {
        if (a.isNumber() && b.isNumber()) {
            double size = Math.max(1, Math.abs(a.doubleValue()));
            return Math.abs(a.doubleValue() - b.doubleValue()) <= 1e-6 * size;
        }
        return a.equals(b);
    }

    private static String said(JsonNode node) {
        return node.isMissingNode() ? "not said" : node.toString();
    }
}
