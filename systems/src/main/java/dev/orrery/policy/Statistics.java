package dev.orrery.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// Per-dimension statistics of a feature over a data set, in the data's own units.
///
/// Immutable: the arrays handed in and out are copies.
public final class Statistics {

    /// Below this spread (in data units) a dimension counts as constant: dividing by it would turn
    /// rounding errors into values of thousands.
    public static final double LEAST_SPREAD = 1e-4;

    private final double[] mean, std, q01, q99;

    private Statistics(double[] mean, double[] std, double[] q01, double[] q99) {
        this.mean = mean;
        this.std = std;
        this.q01 = q01;
        this.q99 = q99;
    }

    /// Statistics that were computed elsewhere, one value a dimension.
    ///
    /// @throws IllegalArgumentException if the lengths differ
    public static Statistics of(double[] mean, double[] std, double[] q01, double[] q99) {
        int dims = mean.length;
        if (std.length != dims || q01.length != dims || q99.length != dims) {
            throw new IllegalArgumentException(
                    "statistics: mean has %d dimensions, std %d, q01 %d, q99 %d; they must agree"
                            .formatted(dims, std.length, q01.length, q99.length));
        }
        return new Statistics(mean.clone(), std.clone(), q01.clone(), q99.clone());
    }

    /// Computes mean, population standard deviation and the 1 % and 99 % quantiles (linearly
    /// interpolated) of `rows`.
    ///
    /// @param rows at least one row, all of the same length
    /// @throws IllegalArgumentException if there is no row, rows differ in length, or a value is
    ///   not finite; the message names row and dimension
    public static Statistics of(List<float[]> rows) {
        if (rows.isEmpty()) {
            throw new IllegalArgumentException("statistics of no rows; give at least one");
        }
        int dims = rows.getFirst().length;
        var mean = new double[dims];
        var std = new double[dims];
        var q01 = new double[dims];
        var q99 = new double[dims];
        var column = new double[rows.size()];
        for (int d = 0; d < dims; d++) {
            for (int i = 0; i < column.length; i++) {
                column[i] = value(rows, i, d, dims);
            }
            double m = Arrays.stream(column).average().orElseThrow();
            mean[d] = m;
            std[d] =
                    Math.sqrt(
                            Arrays.stream(column)
                                    .map(x -> (x - m) * (x - m))
                                    .average()
                                    .orElseThrow());
            Arrays.sort(column);
            q01[d] = quantile(column, 0.01);
            q99[d] = quantile(column, 0.99);
        }
        return new Statistics(mean, std, q01, q99);
    }

    private static double value(List<float[]> rows, int row, int dim, int dims) {
        var values = rows.get(row);
        if (values.length != dims) {
            throw new IllegalArgumentException(
                    "statistics: row %d has %d dimensions, row 0 has %d"
                            .formatted(row, values.length, dims));
        }
        if (!Float.isFinite(values[dim])) {
            throw new IllegalArgumentException(
                    "statistics: row %d, dimension %d is %s; repair the data first"
                            .formatted(row, dim, values[dim]));
        }
        return values[dim];
    }

    private static double quantile(double[] sorted, double q) {
        double at = q * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    /// The number of dimensions.
    public int dims() {
        return mean.length;
    }

    /// The mean of every dimension.
    public double[] mean() {
        return mean.clone();
    }

    /// The standard deviation of every dimension.
    public double[] std() {
        return std.clone();
    }

    /// The 1 % quantile of every dimension.
    public double[] q01() {
        return q01.clone();
    }

    /// The 99 % quantile of every dimension.
    public double[] q99() {
        return q99.clone();
    }

    /// Checks that no dimension is so narrow that normalising it would explode.
    ///
    /// @param feature the name to use in the message
    /// @param constant dimensions that are known to be constant
    /// @throws IllegalArgumentException naming every dimension whose standard deviation or quantile
    ///   range is below [#LEAST_SPREAD] and that is not declared constant
    public void preflight(String feature, Set<Integer> constant) {
        var narrow = new ArrayList<String>();
        for (int d = 0; d < dims(); d++) {
            double spread = Math.min(std[d], q99[d] - q01[d]);
            if (spread < LEAST_SPREAD && !constant.contains(d)) {
                narrow.add("%d (std %.3g, q99-q01 %.3g)".formatted(d, std[d], q99[d] - q01[d]));
            }
        }
        if (!narrow.isEmpty()) {
            throw new IllegalArgumentException(
                    "%s: near-constant dimension %s; normalising it would explode; add data that move it (of the tabletop a family such as pick), or declare it constant"
                            .formatted(feature, String.join(", ", narrow)));
        }
    }
}
