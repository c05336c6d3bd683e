package dev.orrery.system.flowmatching;

import java.util.SplittableRandom;

/// A way from (-1, 0) to (1, 0) around a disc at (0, offset), on its left or on its right.
///
/// A chunk is 8 waypoints (x, y), evenly spaced along x and bent away from the disc far enough to
/// clear it by [#MARGIN]. Stored numbers are twice the coordinates, so that they have about unit
/// deviation. The mean of the two ways runs through the disc, which is what regression learns.
final class BimodalActions {

    static final int STEPS = 8;
    static final double RADIUS = 0.3, MARGIN = 0.15, FARTHEST = 0.3;
    private static final double SCALE = 2, BEND = 0.4, JITTER = 0.02;

    private BimodalActions() {}

    static void draw(SplittableRandom random, float[] data, int at, float[] condition, int given) {
        double offset = FARTHEST * (2 * random.nextDouble() - 1);
        double side = random.nextBoolean() ? 1 : -1;
        double height = offset + side * (RADIUS + MARGIN) + JITTER * random.nextGaussian();
        for (int k = 0; k < STEPS; k++) {
            double x = (2 * k + 1d) / STEPS - 1;
            double y = height * Math.exp(-x * x / (2 * BEND * BEND));
            data[at + 2 * k] = (float) (SCALE * (x + JITTER * random.nextGaussian()));
            data[at + 2 * k + 1] = (float) (SCALE * (y + JITTER * random.nextGaussian()));
        }
        condition[given] = (float) (offset / FARTHEST);
    }

    /// Whether the way through the waypoints, from start to goal, enters the disc.
    static boolean collides(float[] chunks, int at, float condition) {
        double offset = condition * FARTHEST, fromX = -1, fromY = 0;
        for (int k = 0; k <= STEPS; k++) {
            double toX = k == STEPS ? 1 : chunks[at + 2 * k] / SCALE;
            double toY = k == STEPS ? 0 : chunks[at + 2 * k + 1] / SCALE;
            if (distance(fromX, fromY, toX, toY, offset) < RADIUS) return true;
            fromX = toX;
            fromY = toY;
        }
        return false;
    }

    /// Whether the middle of the way lies above the disc's centre.
    static boolean passesLeft(float[] chunks, int at, float condition) {
        int middle = STEPS / 2;
        double y = (chunks[at + 2 * middle - 1] + chunks[at + 2 * middle + 1]) / 2 / SCALE;
        return y > condition * FARTHEST;
    }

    /// Distance from (0, offset) to a segment.
    private static double distance(
            double fromX, double fromY, double toX, double toY, double offset) {
        double dx = toX - fromX, dy = toY - fromY, length = dx * dx + dy * dy;
        double along = length == 0 ? 0 : (-fromX * dx + (offset - fromY) * dy) / length;
        double share = Math.clamp(along, 0, 1);
        return Math.hypot(fromX + share * dx, fromY + share * dy - offset);
    }
}
