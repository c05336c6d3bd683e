package dev.orrery.fidelity;

import dev.orrery.env.Image;
import java.util.stream.IntStream;

/// Peak signal-to-noise ratio of 8-bit pictures in dB: `10 log10(255² / mean squared error)`, the
/// mean taken over all pixels and channels. Equal pictures have [#MOST], as a mean of ratios would
/// be infinite otherwise.
public final class Psnr {

    /// The ratio of equal pictures, and the highest given, in dB.
    public static final double MOST = 100;

    private Psnr() {}

    /// The ratio of two pictures of one size.
    ///
    /// @throws IllegalArgumentException if their sizes differ
    public static double of(Image a, Image b) {
        if (a.height() != b.height() || a.width() != b.width()) {
            throw new IllegalArgumentException(
                    "PSNR compares pictures of one size, got %d x %d and %d x %d; resize one"
                            .formatted(a.height(), a.width(), b.height(), b.width()));
        }
        return ratio(error(a.rgb(), 0, b.rgb(), 0, a.rgb().length));
    }

    /// The ratio of frame `i` of one clip and frame `j` of another.
    ///
    /// @throws IllegalArgumentException if their sizes differ
    public static double of(Clip a, int i, Clip b, int j) {
        Clip.sameSize("PSNR", a, b);
        int size = a.frameBytes();
        return ratio(error(a.rgb(), i * size, b.rgb(), j * size, size));
    }

    /// The ratio of each frame of two equally long clips.
    ///
    /// @throws IllegalArgumentException if their lengths or sizes differ
    public static double[] each(Clip a, Clip b) {
        if (a.frames() != b.frames()) {
            throw new IllegalArgumentException(
                    "PSNR compares clips of one length, got %d and %d frames; slice one"
                            .formatted(a.frames(), b.frames()));
        }
        return IntStream.range(0, a.frames()).mapToDouble(t -> of(a, t, b, t)).toArray();
    }

    /// The ratio for a mean squared error of values from 0 to 255.
    static double ratio(double error) {
        return error <= 0 ? MOST : Math.min(MOST, 10 * Math.log10(255 * 255 / error));
    }

    private static double error(byte[] a, int i, byte[] b, int j, int count) {
        long sum = 0;
        for (int k = 0; k < count; k++) {
            int gap = (a[i + k] & 0xff) - (b[j + k] & 0xff);
            sum += gap * gap;
        }
        return (double) sum / count;
    }
}
