package dev.orrery.fidelity;

import dev.orrery.env.platformer.Level;
import dev.orrery.env.platformer.PlatformerPainter;
import java.util.Optional;

/// Finds the platformer's player by its two colours, which nothing else in that world has.
///
/// Blurred pictures mix colours, so that near ones count; the player is where a window of its size
/// holds most of them, and is there at all if that is a fifth of its sprite or more.
public final class PlayerFinder {

    /// Squared distances in RGB within which pixels count: half of that to the nearest colour of
    /// any theme.
    private static final int[] NEAR = {100 * 100, 60 * 60};

    private static final double LEAST = 0.2;

    /// Where the player is.
    ///
    /// @param x pixels from the left edge to its centre, in the platformer's own 64
    /// @param y pixels from the upper edge
    /// @param share of its sprite's area that has its colours, at most 1
    public record Sighting(double x, double y, double share) {}

    private PlayerFinder() {}

    /// Looks for the player in a frame of any size, taken as a scaled view of the platformer.
    public static Optional<Sighting> find(Clip clip, int frame) {
        int height = clip.height(), width = clip.width();
        double scale = width / (double) PlatformerPainter.SIZE;
        int side = Math.max(1, (int) Math.round(Level.TILE * scale));
        var sums = new int[(height + 1) * (width + 1)];
        var counts = new boolean[height * width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                boolean near = near(clip, frame, y, x);
                counts[y * width + x] = near;
                sums[(y + 1) * (width + 1) + x + 1] =
                        (near ? 1 : 0)
                                + sums[y * (width + 1) + x + 1]
                                + sums[(y + 1) * (width + 1) + x]
                                - sums[y * (width + 1) + x];
            }
        }
        int best = 0, left = 0, top = 0;
        for (int y = 0; y + side <= height; y++) {
            for (int x = 0; x + side <= width; x++) {
                int inside =
                        sums[(y + side) * (width + 1) + x + side]
                                - sums[y * (width + 1) + x + side]
                                - sums[(y + side) * (width + 1) + x]
                                + sums[y * (width + 1) + x];
                if (inside > best) {
                    best = inside;
                    left = x;
                    top = y;
                }
            }
        }
        double share = best / (double) (side * side);
        return share < LEAST
                ? Optional.empty()
                : Optional.of(centre(counts, width, left, top, side, scale, share));
    }

    private static boolean near(Clip clip, int frame, int y, int x) {
        for (int c = 0; c < NEAR.length; c++) {
            int colour = PlatformerPainter.PLAYER_COLOURS[c];
            int red = clip.at(frame, y, x, 0) - (colour >> 16);
            int green = clip.at(frame, y, x, 1) - (colour >> 8 & 0xff);
            int blue = clip.at(frame, y, x, 2) - (colour & 0xff);
            if (red * red + green * green + blue * blue <= NEAR[c]) {
                return true;
            }
        }
        return false;
    }

    private static Sighting centre(
            boolean[] counts, int width, int left, int top, int side, double scale, double share) {
        double sumX = 0, sumY = 0, n = 0;
        for (int y = top; y < top + side; y++) {
            for (int x = left; x < left + side; x++) {
                if (counts[y * width + x]) {
                    sumX += x + 0.5;
                    sumY += y + 0.5;
                    n++;
                }
            }
        }
        return new Sighting(sumX / n / scale, sumY / n / scale, share);
    }
}
