package dev.orrery.vision;

import dev.orrery.env.Image;

/// Resizes pictures of bytes as Pillow does, which is how the published backbones were trained.
///
/// Every filter but [#NEAREST] widens when it shrinks a picture, so nothing is skipped. Columns
/// first, then rows, with whole bytes between the two and weights of 22 binary places, so results
/// agree with Pillow's to the byte.
///
/// Source: Pillow's `Image.resize`.
public enum Resample {
    /// The pixel under the middle of the new one.
    NEAREST(0),
    /// The mean of the pixels covered.
    BOX(0.5),
    /// Falling linearly to the neighbours' middles.
    BILINEAR(1),
    /// A raised cosine, sharper than [#BILINEAR].
    HAMMING(1),
    /// The cubic of Catmull and Rom (coefficient -0.5).
    BICUBIC(2),
    /// A windowed sinc over three pixels.
    LANCZOS(3);

    private static final int PLACES = 22;

    private final double reach;

    Resample(double reach) {
        this.reach = reach;
    }

    /// The filter of a name, in any case.
    ///
    /// @throws IllegalArgumentException if there is none, listing those there are
    public static Resample named(String name) {
        for (var filter : values()) {
            if (filter.name().equalsIgnoreCase(name)) {
                return filter;
            }
        }
        throw new IllegalArgumentException(
                "there is no resampling filter '%s'; there are %s"
                        .formatted(name, java.util.List.of(values())));
    }

    /// The picture at another size.
    public Image resize(Image image, int height, int width) {
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "a picture cannot be resized to %d x %d; use at least 1 x 1"
                            .formatted(height, width));
        }
        if (this == NEAREST) {
            return nearest(image, height, width);
        }
        var wide = width == image.width() ? image : across(image, width);
        return height == image.height() ? wide : transpose(across(transpose(wide), height));
    }

    /// The picture with its shorter edge at `size`, the longer one cut to a whole number of pixels,
    /// then cut to its middle: `size` by `size`.
    public Image shortestEdgeAndCrop(Image image, int size) {
        int least = Math.min(image.height(), image.width());
        int height = (int) ((long) image.height() * size / least);
        int width = (int) ((long) image.width() * size / least);
        var small = resize(image, height, width);
        int top = (height - size) / 2, left = (width - size) / 2;
        var rgb = new byte[size * size * 3];
        for (int y = 0; y < size; y++) {
            System.arraycopy(
                    small.rgb(), ((top + y) * width + left) * 3, rgb, y * size * 3, size * 3);
        }
        return new Image(size, size, rgb);
    }

    private static Image nearest(Image image, int height, int width) {
        var rgb = new byte[height * width * 3];
        var rows = middles(image.height(), height);
        var columns = middles(image.width(), width);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int from = (rows[y] * image.width() + columns[x]) * 3;
                System.arraycopy(image.rgb(), from, rgb, (y * width + x) * 3, 3);
            }
        }
        return new Image(height, width, rgb);
    }

    /// Which pixel lies under the middle of each new one. Places are added up as the reference does
    /// it, since at exact borders the last bit decides.
    private static int[] middles(int source, int target) {
        double step = (double) source / target, at = step * 0.5;
        var pixels = new int[target];
        for (int i = 0; i < target; i++) {
            pixels[i] = Math.min((int) at, source - 1);
            at += step;
        }
        return pixels;
    }

    private Image across(Image image, int width) {
        var out = new byte[image.height() * width * 3];
        double scale = (double) image.width() / width, spread = Math.max(scale, 1);
        for (int x = 0; x < width; x++) {
            double centre = (x + 0.5) * scale;
            int from = Math.max(0, (int) (centre - reach * spread + 0.5));
            int to = Math.min(image.width(), (int) (centre + reach * spread + 0.5));
            var weights = weights(from, to, centre, spread);
            for (int y = 0; y < image.height(); y++) {
                for (int c = 0; c < 3; c++) {
                    long sum = 1L << PLACES - 1;
                    for (int i = from; i < to; i++) {
                        sum += weights[i - from] * image.at(y, i, c);
                    }
                    out[(y * width + x) * 3 + c] = (byte) Math.clamp(sum >> PLACES, 0, 255);
                }
            }
        }
        return new Image(image.height(), width, out);
    }

    private long[] weights(int from, int to, double centre, double spread) {
        var exact = new double[to - from];
        double total = 0;
        for (int i = 0; i < exact.length; i++) {
            exact[i] = weight((from + i - centre + 0.5) / spread);
            total += exact[i];
        }
        var weights = new long[exact.length];
        for (int i = 0; i < exact.length; i++) {
            double w = exact[i] / total * (1 << PLACES);
            weights[i] = (long) (w < 0 ? w - 0.5 : w + 0.5);
        }
        return weights;
    }

    private double weight(double signed) {
        double x = Math.abs(signed);
        return switch (this) {
            case NEAREST, BOX -> signed > -0.5 && signed <= 0.5 ? 1 : 0;
            case BILINEAR -> Math.max(0, 1 - x);
            case HAMMING -> x >= 1 ? 0 : sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * x));
            case BICUBIC ->
                    x < 1
                            ? (1.5 * x - 2.5) * x * x + 1
                            : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
            case LANCZOS -> x < 3 ? sinc(x) * sinc(x / 3) : 0;
        };
    }

    private static double sinc(double x) {
        return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    }

    private static Image transpose(Image image) {
        var out = new byte[image.rgb().length];
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++) {
                int from = (y * image.width() + x) * 3, to = (x * image.height() + y) * 3;
                System.arraycopy(image.rgb(), from, out, to, 3);
            }
        }
        return new Image(image.width(), image.height(), out);
    }
}
