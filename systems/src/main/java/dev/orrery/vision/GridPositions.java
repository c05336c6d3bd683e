package dev.orrery.vision;

import dev.orrery.tensor.Tensor;

/// First values of a table of positions: sines and cosines of a patch's column and row, so that
/// neighbours start alike and a linear map can read off where a patch lies.
final class GridPositions {

    private static final double SIZE = 0.5;

    private GridPositions() {}

    /// The table of all cameras of a tower, `(positions, D)`.
    static Tensor of(SiglipConfig config) {
        int width = config.width();
        var table = new float[config.positions() * width];
        int row = 0;
        for (int camera = 0; camera < config.imageSizes().size(); camera++) {
            int side = config.imageSize(camera) / config.patch();
            for (int y = 0; y < side; y++) {
                for (int x = 0; x < side; x++) {
                    waves(table, row * width, width / 4, (x + 0.5) / side, side);
                    waves(table, row * width + 2 * (width / 4), width / 4, (y + 0.5) / side, side);
                    row++;
                }
            }
        }
        return Tensor.of(table, config.positions(), width);
    }

    /// Frequencies from half a turn over the picture to one turn every two patches.
    private static void waves(float[] table, int from, int count, double at, int side) {
        for (int i = 0; i < count; i++) {
            double share = count == 1 ? 0 : (double) i / (count - 1);
            double frequency = 0.5 * Math.pow(Math.max(1, side), share);
            double angle = 2 * Math.PI * frequency * at;
            table[from + i] = (float) (SIZE * Math.sin(angle));
            table[from + count + i] = (float) (SIZE * Math.cos(angle));
        }
    }
}
