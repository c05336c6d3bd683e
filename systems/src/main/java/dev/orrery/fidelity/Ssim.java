package dev.orrery.fidelity;

import dev.orrery.env.Image;

/// Structural similarity of 8-bit pictures, -1 to 1, 1 for equal ones.
///
/// Means, variances and covariance are weighted by an 11 × 11 Gaussian of deviation 1.5 pixels and
/// taken wherever it fits wholly into the picture; variances are those of the window itself, not
/// estimates; K1 = 0.01, K2 = 0.03, range 255. The index is averaged over all places, then over the
/// three channels.
///
/// Source: Wang et al., *Image quality assessment: from error visibility to structural similarity*
/// (2004).
public final class Ssim {

    /// Pixels across and down the window.
    public static final int WINDOW = 11;

    private static final double DEVIATION = 1.5;
    private static final double C1 = Math.pow(0.01 * 255, 2), C2 = Math.pow(0.03 * 255, 2);
    private static final double[] WEIGHTS = weights();

    private Ssim() {}

    /// The similarity of two pictures of one size.
    ///
    /// @throws IllegalArgumentException if their sizes differ or are below 11 pixels
    public static double of(Image a, Image b) {
        if (a.height() != b.height() || a.width() != b.width()) {
            throw new IllegalArgumentException(
                    "SSIM compares pictures of one size, got %d x %d and %d x %d; resize one"
                            .formatted(a.height(), a.width(), b.height(), b.width()));
        }
        return of(a.rgb(), 0, b.rgb(), 0, a.height(), a.width());
    }

    /// The similarity of frame `i` of one clip and frame `j` of another.
    ///
    /// @throws IllegalArgumentException if their sizes differ or are below 11 pixels
    public static double of(Clip a, int i, Clip b, int j) {
        Clip.sameSize("SSIM", a, b);
        int size = a.frameBytes();
        return of(a.rgb(), i * size, b.rgb(), j * size, a.height(), a.width());
    }

    private static double of(byte[] a, int i, byte[] b, int j, int height, int width) {
        if (height < WINDOW || width < WINDOW) {
            throw new IllegalArgumentException(
                    "SSIM needs pictures of at least %d x %d, got %d x %d"
                            .formatted(WINDOW, WINDOW, height, width));
        }
        double sum = 0;
        for (int channel = 0; channel < 3; channel++) {
            var x = plane(a, i + channel, height * width);
            var y = plane(b, j + channel, height * width);
            sum += plane(x, y, height, width);
        }
        return sum / 3;
    }

    private static double[] plane(byte[] rgb, int from, int pixels) {
        var plane = new double[pixels];
        for (int p = 0; p < pixels; p++) {
            plane[p] = rgb[from + 3 * p] & 0xff;
        }
        return plane;
    }

    private static double plane(double[] x, double[] y, int height, int width) {
        var meanX = blur(x, height, width);
        var meanY = blur(y, height, width);
        var xx = blur(times(x, x), height, width);
        var yy = blur(times(y, y), height, width);
        var xy = blur(times(x, y), height, width);
        double sum = 0;
        for (int p = 0; p < meanX.length; p++) {
            double mx = meanX[p], my = meanY[p];
            double varX = xx[p] - mx * mx, varY = yy[p] - my * my, cov = xy[p] - mx * my;
            sum +=
                    (2 * mx * my + C1)
                            * (2 * cov + C2)
                            / ((mx * mx + my * my + C1) * (varX + varY + C2));
        }
        return sum / meanX.length;
    }

    private static double[] times(double[] x, double[] y) {
        var product = new double[x.length];
        for (int p = 0; p < x.length; p++) {
            product[p] = x[p] * y[p];
        }
        return product;
    }

    /// Weighted means where the window fits: `(H, W)` to `(H - 10, W - 10)`.
    private static double[] blur(double[] x, int height, int width) {
        int wide = width - WINDOW + 1, high = height - WINDOW + 1;
        var across = new double[height * wide];
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < wide; column++) {
                double sum = 0;
                for (int k = 0; k < WINDOW; k++) {
                    sum += WEIGHTS[k] * x[row * width + column + k];
                }
                across[row * wide + column] = sum;
            }
        }
        var down = new double[high * wide];
        for (int row = 0; row < high; row++) {
            for (int column = 0; column < wide; column++) {
                double sum = 0;
                for (int k = 0; k < WINDOW; k++) {
                    sum += WEIGHTS[k] * across[(row + k) * wide + column];
                }
                down[row * wide + column] = sum;
            }
        }
        return down;
    }

    private static double[] weights() {
        var weights = new double[WINDOW];
        double sum = 0;
        for (int k = 0; k < WINDOW; k++) {
            double gap = k - WINDOW / 2;
            weights[k] = Math.exp(-gap * gap / (2 * DEVIATION * DEVIATION));
            sum += weights[k];
        }
        for (int k = 0; k < WINDOW; k++) {
            weights[k] /= sum;
        }
        return weights;
    }
}
