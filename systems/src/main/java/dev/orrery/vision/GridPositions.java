package dev.orrery.vision;

import dev.orrery.tensor.Tensor;
import java.util.List;

/// First values of a table of positions: sines and cosines of a patch's column and row, so that
/// neighbours start alike and a linear map can read off where a patch lies.
public final class GridPositions {

    private static final double SIZE = 0.5;

    private GridPositions() {}

    /// The table of all cameras of a tower, one after the other.
    ///
    /// @param width channels D
    /// @param sides patches along a side of each camera's pictures
    /// @return `(positions, D)`
    public static Tensor of(int width, List<Integer> sides) {
        int rows = sides.stream().mapToInt(side -> side * side).sum();
        var table = new float[rows * width];
        int row = 0;
        for (int side : sides) {
            for (int y = 0; y < side; y++) {
                for (int x = 0; x < side; x++) {
                    waves(table, row * width, width / 4, (x + 0.5) / side, side);
                    waves(table, row * width + 2 * (width / 4), width / 4, (y + 0.5) / side, side);
                    row++;
                }
            }
        }
        return Tensor.of(table, rows, width);
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
