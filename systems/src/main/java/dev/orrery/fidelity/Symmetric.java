package dev.orrery.fidelity;

/// Factors and eigenvalues of symmetric matrices, row-major.
final class Symmetric {

    private static final int MOST_TURNS = 60;

    private Symmetric() {}

    /// The lower triangle `L` with `A = L Lᵀ`.
    ///
    /// @throws IllegalArgumentException if the matrix is not positive definite
    static double[] cholesky(double[] a, int n) {
        var factor = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = a[i * n + j];
                for (int k = 0; k < j; k++) {
                    sum -= factor[i * n + k] * factor[j * n + k];
                }
                if (i > j) {
                    factor[i * n + j] = sum / factor[j * n + j];
                } else if (sum > 0) {
                    factor[i * n + i] = Math.sqrt(sum);
                } else {
                    throw new IllegalArgumentException(
                            "covariance is not positive definite at feature %d (%s): do the features vary?"
                                    .formatted(i, sum));
                }
            }
        }
        return factor;
    }

    /// `Lᵀ B L`.
    static double[] between(double[] lower, double[] b, int n) {
        var right = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < n; k++) {
                double by = b[i * n + k];
                for (int j = 0; j <= k; j++) {
                    right[i * n + j] += by * lower[k * n + j];
                }
            }
        }
        var product = new double[n * n];
        for (int k = 0; k < n; k++) {
            for (int i = 0; i <= k; i++) {
                double by = lower[k * n + i];
                for (int j = 0; j < n; j++) {
                    product[i * n + j] += by * right[k * n + j];
                }
            }
        }
        return product;
    }

    /// All eigenvalues: Householder reflections to three diagonals, then QL with implicit shifts.
    static double[] eigenvalues(double[] matrix, int n) {
        var a = matrix.clone();
        var diagonal = new double[n];
        var off = new double[n];
        tridiagonalise(a, n, diagonal, off);
        double size = 0;
        for (int i = 0; i < n; i++) {
            size = Math.max(size, Math.abs(diagonal[i]) + Math.abs(off[i]));
        }
        for (int l = 0; l < n; l++) {
            settle(l, n, diagonal, off, Math.ulp(1.0) * size);
        }
        return diagonal;
    }

    /// Reflects the trailing block of one column after another onto its first element.
    private static void tridiagonalise(double[] a, int n, double[] diagonal, double[] off) {
        var v = new double[n];
        var p = new double[n];
        for (int k = 0; k < n; k++) {
            diagonal[k] = a[k * n + k];
            if (k == n - 1) {
                break;
            }
            double length = 0;
            for (int i = k + 1; i < n; i++) {
                v[i] = a[i * n + k];
                length += v[i] * v[i];
            }
            length = Math.sqrt(length);
            off[k] = v[k + 1] > 0 ? -length : length;
            if (length == 0) {
                continue;
            }
            v[k + 1] -= off[k];
            double square = 0;
            for (int i = k + 1; i < n; i++) {
                square += v[i] * v[i];
            }
            if (square > 0) {
                reflect(a, n, k + 1, v, p, 2 / square);
            }
        }
    }

    /// `A - v wᵀ - w vᵀ` on the block from `from` on, with `w = s A v - (s² vᵀ A v / 2) v`.
    private static void reflect(double[] a, int n, int from, double[] v, double[] p, double scale) {
        double dot = 0;
        for (int i = from; i < n; i++) {
            double sum = 0;
            for (int j = from; j < n; j++) {
                sum += a[i * n + j] * v[j];
            }
            p[i] = scale * sum;
            dot += p[i] * v[i];
        }
        for (int i = from; i < n; i++) {
            p[i] -= scale * dot / 2 * v[i];
        }
        for (int i = from; i < n; i++) {
            for (int j = from; j < n; j++) {
                a[i * n + j] -= v[i] * p[j] + p[i] * v[j];
            }
        }
    }

    /// @param rounding what is nothing beside the largest elements
    private static void settle(int l, int n, double[] diagonal, double[] off, double rounding) {
        for (int turn = 0; ; turn++) {
            int m = l;
            while (m < n - 1 && Math.abs(off[m]) > rounding) {
                m++;
            }
            if (m == l) {
                return;
            }
            if (turn == MOST_TURNS) {
                throw new IllegalStateException(
                        "eigenvalue %d of %d does not settle; are all features finite?"
                                .formatted(l, n));
            }
            sweep(l, m, diagonal, off);
        }
    }

    private static void sweep(int l, int m, double[] diagonal, double[] off) {
        double g = (diagonal[l + 1] - diagonal[l]) / (2 * off[l]);
        g = diagonal[m] - diagonal[l] + off[l] / (g + Math.copySign(Math.hypot(g, 1), g));
        double s = 1, c = 1, p = 0;
        for (int i = m - 1; i >= l; i--) {
            double f = s * off[i], b = c * off[i];
            double r = Math.hypot(f, g);
            off[i + 1] = r;
            if (r == 0) {
                diagonal[i + 1] -= p;
                off[m] = 0;
                return;
            }
            s = f / r;
            c = g / r;
            g = diagonal[i + 1] - p;
            r = (diagonal[i] - g) * s + 2 * c * b;
            p = s * r;
            diagonal[i + 1] = g + p;
            g = c * r - b;
        }
        diagonal[l] -= p;
        off[l] = g;
        off[m] = 0;
    }
}
