package dev.orrery.env.platformer;

import dev.orrery.env.Image;
import java.util.Arrays;

/// Draws frames of 64 x 64 palette indices: sky, clouds, mountains and hills that scroll at an
/// eighth, a quarter and half of the speed, then tiles, coin, walkers and the player.
///
/// Each theme has 32 colours. The player's two, [#PLAYER_COLOURS], are used by nothing else.
public final class PlatformerPainter {

    /// Pixels across and down.
    public static final int SIZE = 64;

    /// The two colours of the player.
    public static final int[] PLAYER_COLOURS = {0xff00c8, 0xffff00};

    private static final int SPAN = 256;
    private static final PlatformerArt ART = new PlatformerArt();

    private final byte[] course = new byte[Level.WIDTH * SIZE];
    private byte[] colours = ART.palette(0);
    private int theme;

    /// The colours of a theme, three bytes each, 32 of them.
    public static byte[] palette(int theme) {
        return ART.palette(theme).clone();
    }

    void load(Level level) {
        theme = level.theme();
        colours = ART.palette(theme);
        for (int row = 0; row < Level.ROWS; row++) {
            for (int column = 0; column < Level.COLUMNS; column++) {
                byte tile = level.tile(column, row);
                boolean covered = level.tile(column, row - 1) == Level.GROUND;
                var sprite = ART.tile(tile, covered);
                for (int line = 0; line < Level.TILE; line++) {
                    System.arraycopy(
                            sprite,
                            line * Level.TILE,
                            course,
                            (row * Level.TILE + line) * Level.WIDTH + column * Level.TILE,
                            Level.TILE);
                }
            }
        }
    }

    void draw(Platformer world, byte[] into, int offset) {
        int scroll = world.scroll();
        drawCourse(scroll, into, offset);
        var level = world.level();
        stamp(ART.coin(), level.coinX() - scroll, level.coinY(), false, into, offset);
        for (int w = 0; w < world.walkers(); w++) {
            var box = world.walkerBox(w);
            stamp(ART.walker(box.x() / 4 & 1), box.x() - scroll, box.y(), false, into, offset);
        }
        var player = world.playerBox();
        stamp(
                ART.player(world.pose()),
                player.x() - scroll,
                player.y(),
                world.facing() < 0,
                into,
                offset);
    }

    /// The background and the tiles, without coin, walkers and player.
    void drawCourse(int scroll, byte[] into, int offset) {
        for (int y = 0; y < SIZE; y++) {
            int at = offset + y * SIZE;
            Arrays.fill(into, at, at + SIZE, ART.sky(y));
            overlay(ART.clouds(), y, scroll / 8, into, at);
            overlay(ART.mountains(), y, scroll / 4, into, at);
            overlay(ART.hills(), y, scroll / 2, into, at);
            int from = y * Level.WIDTH + scroll;
            for (int x = 0; x < SIZE; x++) {
                byte index = course[from + x];
                if (index != 0) {
                    into[at + x] = index;
                }
            }
        }
    }

    private static void overlay(PlatformerArt.Layer layer, int y, int shift, byte[] into, int at) {
        if (!layer.used()[y]) {
            return;
        }
        var pixels = layer.pixels();
        int from = y * SPAN;
        for (int x = 0; x < SIZE; x++) {
            byte index = pixels[from + (x + shift & SPAN - 1)];
            if (index != 0) {
                into[at + x] = index;
            }
        }
    }

    private static void stamp(
            byte[] sprite, int left, int top, boolean mirrored, byte[] into, int offset) {
        for (int y = Math.max(0, -top); y < Level.TILE && top + y < SIZE; y++) {
            for (int x = Math.max(0, -left); x < Level.TILE && left + x < SIZE; x++) {
                byte index = sprite[y * Level.TILE + (mirrored ? Level.TILE - 1 - x : x)];
                if (index != 0) {
                    into[offset + (top + y) * SIZE + left + x] = index;
                }
            }
        }
    }

    /// A picture of indices in the colours of the loaded level.
    Image colour(byte[] indices, int offset) {
        var rgb = new byte[SIZE * SIZE * 3];
        for (int i = 0, at = 0; i < SIZE * SIZE; i++, at += 3) {
            int from = 3 * indices[offset + i];
            rgb[at] = colours[from];
            rgb[at + 1] = colours[from + 1];
            rgb[at + 2] = colours[from + 2];
        }
        return new Image(SIZE, SIZE, rgb);
    }
}
