package dev.orrery.flow;

/// Entropic optimal transport between two equally weighted sets of points, for batches on which the
/// exact [Assignment] would cost too much.
///
/// Source: Cuturi, arXiv:1306.0895.
///
/// @param blur entropy as a share of the mean cost; smaller is closer to the exact plan and slower
/// @param iterations most rescalings of rows and columns
/// @param tolerance stops when every column's mass is within this share of 1/n
public record Sinkhorn(double blur, int iterations, double tolerance) {

    public static final Sinkhorn DEFAULT = new Sinkhorn(0.02, 500, 0.01);

    public Sinkhorn {
        if (!(blur > 0) || iterations < 1 || !(tolerance > 0)) {
            throw new IllegalArgumentException(
                    "Sinkhorn needs blur, iterations and tolerance above 0, got %s, %d, %s"
                            .formatted(blur, iterations, tolerance));
        }
    }

    /// The plan, row-major `n * n`, each row of total mass 1 (each column about 1).
    ///
    /// @param cost row-major `n * n` costs, not negative
    public double[] plan(float[] cost, int n) {
        double mean = 0;
        for (float c : cost) mean += c;
        double scale = blur * Math.max(mean / cost.length, Double.MIN_NORMAL);
        var kernel = new double[n * n];
        for (int i = 0; i < n; i++) {
            // A row's smallest cost is taken out so that no row underflows; rescaling absorbs it.
            float least = Float.POSITIVE_INFINITY;
            for (int j = 0; j < n; j++) least = Math.min(least, cost[i * n + j]);
            for (int j = 0; j < n; j++) {
                kernel[i * n + j] = Math.exp((least - cost[i * n + j]) / scale);
            }
        }
        var left = new double[n];
        var right = new double[n];
        java.util.Arrays.fill(right, 1);
        for (int k = 0; k < iterations; k++) {
            scaleRows(kernel, right, left);
            if (scaleColumns(kernel, left, right) < tolerance) break;
        }
        scaleRows(kernel, right, left);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) kernel[i * n + j] *= left[i] * right[j];
        }
        return kernel;
    }

    private static void scaleRows(double[] kernel, double[] right, double[] left) {
        int n = left.length;
        for (int i = 0; i < n; i++) {
            double mass = 0;
            for (int j = 0; j < n; j++) mass += kernel[i * n + j] * right[j];
            left[i] = 1 / mass;
        }
    }

    /// Rescales the columns and returns how far the worst was from mass one before.
    private static double scaleColumns(double[] kernel, double[] left, double[] right) {
        int n = left.length;
        var mass = new double[n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) mass[j] += kernel[i * n + j] * left[i];
        }
        double worst = 0;
        for (int j = 0; j < n; j++) {
            worst = Math.max(worst, Math.abs(mass[j] * right[j] - 1));
            // A column that nothing reaches keeps the largest weight that stays finite.
            right[j] = 1 / Math.max(mass[j], 1e-280);
        }
        return worst;
    }
}
