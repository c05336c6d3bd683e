package dev.orrery.policy.tabletop;

import dev.orrery.env.tabletop.Camera;
import dev.orrery.env.tabletop.Scene;
import java.util.ArrayList;
import java.util.List;

/// Which patch of the two cameras' pictures shows what: those of the overhead camera first, row by
/// row, then those of the wrist camera.
final class Patches {

    /// Pixels of a patch's side.
    static final int PIXELS = 8;

    /// Patches a row of the overhead camera's picture, and of the wrist camera's.
    static final int OVERHEAD_SIDE = Camera.OVERHEAD_PIXELS / PIXELS,
            WRIST_SIDE = Camera.WRIST_PIXELS / PIXELS;

    /// Patches of the overhead camera.
    static final int OVERHEAD = OVERHEAD_SIDE * OVERHEAD_SIDE;

    private Patches() {}

    /// A thing in a picture.
    ///
    /// @param patch the patch that holds its centre, counted over both cameras
    /// @param right its centre from the patch's centre, in patches, -½ to ½
    /// @param down the same, downwards
    record Spot(int patch, float right, float down) {}

    /// Where a thing is seen.
    static List<Spot> spots(Scene scene, Thing thing) {
        var spots = new ArrayList<Spot>();
        var above = Camera.overhead(Camera.OVERHEAD_PIXELS);
        var near = Camera.wrist(scene.gripper().x(), scene.gripper().y(), Camera.WRIST_PIXELS);
        spot(above, thing, OVERHEAD_SIDE, 0, spots);
        spot(near, thing, WRIST_SIDE, OVERHEAD, spots);
        return spots;
    }

    private static void spot(Camera camera, Thing thing, int side, int first, List<Spot> spots) {
        float column = camera.column(thing.x()) / PIXELS, row = camera.row(thing.y()) / PIXELS;
        int x = (int) Math.floor(column), y = (int) Math.floor(row);
        if (x >= 0 && x < side && y >= 0 && y < side) {
            spots.add(new Spot(first + y * side + x, column - x - .5f, row - y - .5f));
        }
    }

    /// The overhead patch above a place, the nearest one for what lies outside.
    static int above(float px, float py) {
        var camera = Camera.overhead(Camera.OVERHEAD_PIXELS);
        int x = Math.clamp((int) (camera.column(px) / PIXELS), 0, OVERHEAD_SIDE - 1);
        int y = Math.clamp((int) (camera.row(py) / PIXELS), 0, OVERHEAD_SIDE - 1);
        return y * OVERHEAD_SIDE + x;
    }
}
