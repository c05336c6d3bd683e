package dev.orrery.env;

/// Draws symbols as cells of colours: one cell for each place of a grid, or for each number of a
/// vector.
public final class SymbolPainter {

    private static final int SIDE = 64;
    private static final float PAPER = 0.94f;

    private SymbolPainter() {}

    /// @throws IllegalArgumentException if the symbols do not have the shape
    public static void check(float[] symbols, int... shape) {
        int count = 1;
        for (int extent : shape) {
            count *= extent;
        }
        if (symbols.length != count) {
            throw new IllegalArgumentException(
                    "a picture of %d symbols; this world shows %d"
                            .formatted(symbols.length, count));
        }
    }

    /// About 64 x 64 pixels: a grid `{H, W, C}` with a colour for each of the C kinds, each as
    /// strong as its number; a vector row by row in greys.
    static Image paint(float[] symbols, int... shape) {
        check(symbols, shape);
        boolean grid = shape.length == 3;
        int columns = grid ? shape[1] : (int) Math.ceil(Math.sqrt(symbols.length));
        int rows = grid ? shape[0] : (symbols.length + columns - 1) / columns;
        int kinds = grid ? shape[2] : 1;
        int tile = Math.max(2, SIDE / Math.max(rows, columns));
        var rgb = new byte[rows * tile * columns * tile * 3];
        for (int cell = 0; cell < rows * columns; cell++) {
            var colour = colour(symbols, cell * kinds, kinds, grid);
            for (int y = 0; y < tile; y++) {
                for (int x = 0; x < tile; x++) {
                    int row = cell / columns * tile + y, column = cell % columns * tile + x;
                    System.arraycopy(colour, 0, rgb, (row * columns * tile + column) * 3, 3);
                }
            }
        }
        return new Image(rows * tile, columns * tile, rgb);
    }

    private static byte[] colour(float[] symbols, int from, int kinds, boolean grid) {
        var mixed = new float[] {PAPER, PAPER, PAPER};
        for (int k = 0; k < kinds && from + k < symbols.length; k++) {
            float strength = Math.clamp(Math.abs(symbols[from + k]), 0, 1);
            int hue = java.awt.Color.HSBtoRGB(k * 0.618034f, grid ? 0.75f : 0, grid ? 0.8f : 0.1f);
            for (int c = 0; c < 3; c++) {
                float part = (hue >> 16 - 8 * c & 0xff) / 255f;
                mixed[c] += strength * (part - mixed[c]);
            }
        }
        var bytes = new byte[3];
        for (int c = 0; c < 3; c++) {
            bytes[c] = (byte) Math.round(255 * mixed[c]);
        }
        return bytes;
    }
}
