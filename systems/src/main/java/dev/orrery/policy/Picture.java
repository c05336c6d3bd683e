package dev.orrery.policy;

import dev.orrery.env.Image;

/// Pictures as networks take them: planes of floats, resized without distortion.
public final class Picture {

    private Picture() {}

    /// Resizes so that the whole picture fits, keeping its proportions, and pads the rest.
    ///
    /// Bilinear without corner alignment and without antialiasing; sizes are cut to whole pixels;
    /// the picture is centred, an odd pixel of padding goes right or below.
    ///
    /// Source: `resize_with_pad` of openpi and LeRobot.
    ///
    /// @param padding the value of padding, in the units of the result
    /// @return `3 * height * width` floats in [0, 1] (padding apart), channel by channel
    public static float[] resizeWithPad(Image image, int height, int width, float padding) {
        return place(image, height, width, padding, true);
    }

    /// As [#resizeWithPad], with all padding above and on the left.
    public static float[] resizeWithPadAtEnd(Image image, int height, int width, float padding) {
        return place(image, height, width, padding, false);
    }

    private static float[] place(
            Image image, int height, int width, float padding, boolean centred) {
        double ratio = Math.max((double) image.width() / width, (double) image.height() / height);
        int high = Math.max(1, (int) (image.height() / ratio));
        int wide = Math.max(1, (int) (image.width() / ratio));
        int top = centred ? (height - high) / 2 : height - high;
        int left = centred ? (width - wide) / 2 : width - wide;
        var out = new float[3 * height * width];
        java.util.Arrays.fill(out, padding);
        var rows = Taps.of(image.height(), high);
        var columns = Taps.of(image.width(), wide);
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < high; y++) {
                int row = (c * height + top + y) * width + left;
                for (int x = 0; x < wide; x++) {
                    out[row + x] = mix(image, c, rows, y, columns, x);
                }
            }
        }
        return out;
    }

    private static float mix(Image image, int channel, Taps rows, int y, Taps columns, int x) {
        float right = columns.weight[x], below = rows.weight[y];
        float upper =
                at(image, rows.first[y], columns.first[x], channel) * (1 - right)
                        + at(image, rows.first[y], columns.second[x], channel) * right;
        float lower =
                at(image, rows.second[y], columns.first[x], channel) * (1 - right)
                        + at(image, rows.second[y], columns.second[x], channel) * right;
        return Math.clamp(upper * (1 - below) + lower * below, 0f, 1f);
    }

    private static float at(Image image, int row, int column, int channel) {
        return image.at(row, column, channel) / 255f;
    }

    /// Which two source pixels make a target pixel, and how much the second counts.
    private record Taps(int[] first, int[] second, float[] weight) {

        static Taps of(int source, int target) {
            var first = new int[target];
            var second = new int[target];
            var weight = new float[target];
            float scale = (float) source / target;
            for (int i = 0; i < target; i++) {
                // a place is rounded once, as in torch's own loops
                float at = Math.max(0, Math.fma(scale, i + 0.5f, -0.5f));
                first[i] = Math.min((int) at, source - 1);
                second[i] = Math.min(first[i] + 1, source - 1);
                weight[i] = at - first[i];
            }
            return new Taps(first, second, weight);
        }
    }
}
