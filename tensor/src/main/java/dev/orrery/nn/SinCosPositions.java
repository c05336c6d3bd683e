package dev.orrery.nn;

import dev.orrery.tensor.Tensor;

/// Fixed position tables of sines, then cosines, with periods growing geometrically to 10000.
///
/// Source: arXiv:1706.03762 for sequences; MAE (arXiv:2111.06377) and DiT for images, where the
/// first half of the channels embeds the column and the second the row.
public final class SinCosPositions {

    private SinCosPositions() {}

    /// `(length, width)`.
    public static Tensor sequence(int length, int width) {
        check(width, 2);
        var table = new float[length * width];
        for (int i = 0; i < length; i++) put(table, i * width, width, i);
        return Tensor.of(table, length, width);
    }

    /// `(height · width, channels)`, row by row.
    public static Tensor grid(int height, int width, int channels) {
        check(channels, 4);
        var table = new float[height * width * channels];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
                int at = (y * width + x) * channels;
                put(table, at, channels / 2, x);
                put(table, at + channels / 2, channels / 2, y);
            }
        return Tensor.of(table, (long) height * width, channels);
    }

    private static void put(float[] table, int at, int channels, double position) {
        int half = channels / 2;
        for (int i = 0; i < half; i++) {
            double angle = position * Math.pow(10_000, -i / (double) half);
            table[at + i] = (float) Math.sin(angle);
            table[at + half + i] = (float) Math.cos(angle);
        }
    }

    private static void check(int channels, int multiple) {
        if (channels < 1 || channels % multiple != 0)
            throw new IllegalArgumentException(
                    "%d position channels; use a multiple of %d".formatted(channels, multiple));
    }
}
