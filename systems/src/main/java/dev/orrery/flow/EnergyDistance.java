package dev.orrery.flow;

/// How far two sets of points are from having one distribution: `2 E|X - Y| - E|X - X'| - E|Y -
/// Y'|`, zero only for equal distributions. Means run over all pairs, equal ones included, so the
/// value is never negative and two samples of one distribution have a floor above zero.
///
/// Source: Székely and Rizzo, *Energy statistics* (2013).
public final class EnergyDistance {

    private final float[] points;
    private final int dims;
    private final double within;

    private EnergyDistance(float[] points, int dims) {
        this.points = points;
        this.dims = dims;
        within = meanDistance(points, points, dims);
    }

    /// Remembers the reference points, whose own spread is computed once.
    ///
    /// @param points row-major `(n, dims)`
    public static EnergyDistance to(float[] points, int dims) {
        if (dims < 1 || points.length == 0 || points.length % dims != 0) {
            throw new IllegalArgumentException(
                    "%d numbers are no points of %d dimensions".formatted(points.length, dims));
        }
        return new EnergyDistance(points.clone(), dims);
    }

    /// The distance of other points, any number of them.
    public double from(float[] others) {
        if (others.length == 0 || others.length % dims != 0) {
            throw new IllegalArgumentException(
                    "%d numbers are no points of %d dimensions".formatted(others.length, dims));
        }
        return 2 * meanDistance(others, points, dims) - meanDistance(others, others, dims) - within;
    }

    private static double meanDistance(float[] a, float[] b, int dims) {
        int n = a.length / dims, m = b.length / dims;
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += dims == 2 ? planar(a, i, b, m) : general(a, i, b, m, dims);
        }
        return sum / n / m;
    }

    private static double planar(float[] a, int i, float[] b, int m) {
        float x = a[2 * i], y = a[2 * i + 1];
        // Four sums, so that square roots overlap.
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        int j = 0;
        for (; j + 3 < m; j += 4) {
            s0 += planar(x - b[2 * j], y - b[2 * j + 1]);
            s1 += planar(x - b[2 * j + 2], y - b[2 * j + 3]);
            s2 += planar(x - b[2 * j + 4], y - b[2 * j + 5]);
            s3 += planar(x - b[2 * j + 6], y - b[2 * j + 7]);
        }
        for (; j < m; j++) s0 += planar(x - b[2 * j], y - b[2 * j + 1]);
        return s0 + s1 + s2 + s3;
    }

    private static double planar(float dx, float dy) {
        return Math.sqrt(dx * dx + dy * dy);
    }

    private static double general(float[] a, int i, float[] b, int m, int dims) {
        double total = 0;
        for (int j = 0; j < m; j++) {
            double sum = 0;
            for (int d = 0; d < dims; d++) {
                double gap = a[i * dims + d] - b[j * dims + d];
                sum += gap * gap;
            }
            total += Math.sqrt(sum);
        }
        return total;
    }
}
