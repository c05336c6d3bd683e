package dev.orrery.studio;

import dev.orrery.data.media.Png;
import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Glyph;
import dev.orrery.env.tabletop.Outcome;
import dev.orrery.env.tabletop.Scene;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The parts of a frame as the page wants them.
final class TableView {

    private static final float STRIDE = .05f, LOWEST = .02f, HIGHEST = .25f;
    private static final int FAST = 1;

    private TableView() {}

    static Map<String, Object> scene(Scene scene) {
        return Map.of(
                "blockHeight",
                Scene.BLOCK_HEIGHT,
                "blocks",
                scene.blocks().stream().map(TableView::block).toList(),
                "zones",
                scene.zones().stream().map(TableView::zone).toList(),
                "tray",
                scene.tray(),
                "button",
                scene.button(),
                "gripper",
                scene.gripper());
    }

    private static Map<String, Object> block(Scene.Block block) {
        return Map.of(
                "colour", block.kind().colour().word(),
                "shape", block.kind().shape().word(),
                "x", block.x(),
                "y", block.y(),
                "z", block.z(),
                "yaw", block.turn(),
                "held", block.held());
    }

    private static Map<String, Object> zone(Scene.Zone zone) {
        return Map.of(
                "colour", zone.colour().word(),
                "sign", zone.glyph().map(Glyph::words).orElse(""),
                "ink", zone.glyph().map(TableView::ink).orElse(List.of()),
                "x", zone.x(),
                "y", zone.y(),
                "half", zone.half(),
                "round", zone.glyph().isEmpty());
    }

    /// The dark cells of a sign: row from the top, column from the left, of five each.
    private static List<int[]> ink(Glyph sign) {
        return IntStream.range(0, Glyph.SIDE * Glyph.SIDE)
                .mapToObj(i -> new int[] {i / Glyph.SIDE, i % Glyph.SIDE})
                .filter(cell -> sign.ink(cell[0], cell[1]))
                .toList();
    }

    /// Numbers as JSON has them: null where one is not finite.
    static List<@Nullable Double> numbers(float[] values) {
        var numbers = new ArrayList<@Nullable Double>();
        for (float value : values) {
            numbers.add(Json.number(value));
        }
        return numbers;
    }

    /// The cameras' pictures as data addresses.
    static Map<String, String> images(Observation observation) {
        var images = new LinkedHashMap<String, String>();
        observation
                .images()
                .forEach((camera, image) ->
                        images.put(
                                camera,
                                "data:image/png;base64,"
                                        + Base64.getEncoder()
                                                .encodeToString(Png.encode(image, FAST))));
        return images;
    }

    /// Why an episode ended without success, in a sentence; empty if it did not.
    static String words(Outcome outcome) {
        return switch (outcome) {
            case UNFINISHED, SUCCESS -> "";
            case NEVER_REACHED -> "It never came near.";
            case WRONG_BLOCK -> "It took the wrong block.";
            case DROPPED -> "It let the block go in the wrong place.";
            case OVERSHOOT -> "It was there for a moment, and lost it again.";
            case TIME_OUT -> "It was on its way when the time ran out.";
            case NOT_FINITE -> "Its action was not a number.";
        };
    }

    /// Where the gripper would be after each action of a chunk if nothing stood in its way: x, y, z
    /// and grip. The path ends before an action that is not a number.
    static List<float[]> path(List<float[]> chunk, float[] state) {
        var path = new ArrayList<float[]>();
        float x = state[0], y = state[1], z = state[2];
        for (var action : chunk) {
            x = Math.clamp(x + STRIDE * Math.clamp(action[0], -1, 1), 0, 1);
            y = Math.clamp(y + STRIDE * Math.clamp(action[1], -1, 1), 0, 1);
            z = Math.clamp(z + STRIDE * Math.clamp(action[2], -1, 1), LOWEST, HIGHEST);
            if (!Float.isFinite(x + y + z + action[3])) {
                break;
            }
            path.add(new float[] {x, y, z, action[3]});
        }
        return path;
    }
}
