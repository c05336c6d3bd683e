package dev.orrery.env.tabletop;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The true state of a table, to be shown to people and compared with what a policy did. Policies
/// never get it. Lengths are in table units, x to the right, y up, z off the table.
///
/// @param blocks the blocks, in the order in which [Tabletop#place] counts them
/// @param zones the two zones or pads
/// @param tray the tray
/// @param button the button
/// @param gripper the gripper
public record Scene(
        List<Block> blocks, List<Zone> zones, Tray tray, Button button, Gripper gripper) {

    /// The height of a block.
    public static final float BLOCK_HEIGHT = World.HEIGHT;

    /// A block; `z` is that of its underside, `turn` in radians anticlockwise.
    public record Block(Kind kind, float x, float y, float z, float turn, boolean held) {}

    /// A round zone of a colour, or a square pad with a sign; `half` is its radius or half side.
    public record Zone(Colour colour, Optional<Glyph> glyph, float x, float y, float half) {}

    /// The square tray.
    public record Tray(float x, float y, float half) {}

    /// The button.
    public record Button(float x, float y, boolean pressed) {}

    /// The gripper; `gap` is 1 open, .5 closed on a block, 0 closed and empty.
    public record Gripper(float x, float y, float z, float gap, float turn) {}

    /// A copy of the lists is kept.
    public Scene {
        blocks = List.copyOf(blocks);
        zones = List.copyOf(zones);
    }

    static Scene of(World w) {
        var blocks = new ArrayList<Block>();
        for (int i = 0; i < w.count; i++) {
            blocks.add(
                    new Block(
                            Kind.of(w.kind[i]), w.bx[i], w.by[i], w.bz[i], w.turn[i], i == w.held));
        }
        var zones = new ArrayList<Zone>();
        for (int k = 0; k < World.ZONES; k++) {
            var glyph =
                    w.glyph[k] < 0
                            ? Optional.<Glyph>empty()
                            : Optional.of(Glyph.values()[w.glyph[k]]);
            zones.add(
                    new Zone(
                            Colour.values()[w.zoneColour[k]],
                            glyph,
                            w.zoneX[k],
                            w.zoneY[k],
                            World.ZONE));
        }
        return new Scene(
                blocks,
                zones,
                new Tray(w.trayX, w.trayY, World.TRAY),
                new Button(w.buttonX, w.buttonY, w.pressed),
                new Gripper(w.x, w.y, w.z, w.gap(), w.yaw));
    }
}
