package dev.orrery.flow;

import dev.orrery.tensor.Seed;
import java.util.Arrays;

/// The Wasserstein-2 distance between two equally large sets of points, averaged over random lines:
/// `√ E |sorted projections apart|²`. Cheaper than [EnergyDistance] for many points.
///
/// Source: Bonneel et al., *Sliced and Radon Wasserstein barycenters* (2015).
///
/// @param lines number of random directions
/// @param seed chooses them
public record SlicedWasserstein(int lines, Seed seed) {

    public SlicedWasserstein {
        if (lines < 1) {
            throw new IllegalArgumentException("%d lines; use at least 1".formatted(lines));
        }
    }

    /// The distance between row-major `(n, dims)` points.
    public double between(float[] a, float[] b, int dims) {
        if (a.length != b.length || a.length == 0 || a.length % dims != 0) {
            throw new IllegalArgumentException(
                    "sliced Wasserstein needs equally many points of %d dimensions, got %d and %d numbers"
                            .formatted(dims, a.length, b.length));
        }
        int n = a.length / dims;
        double total = 0;
        for (int line = 0; line < lines; line++) {
            var direction = direction(dims, line);
            var p = projections(a, direction);
            var q = projections(b, direction);
            for (int i = 0; i < n; i++) total += (p[i] - q[i]) * (p[i] - q[i]);
        }
        return Math.sqrt(total / n / lines);
    }

    private double[] direction(int dims, int line) {
        var normal = seed.split(line).normals(dims);
        double length = 0;
        for (float x : normal) length += (double) x * x;
        var direction = new double[dims];
        for (int d = 0; d < dims; d++) direction[d] = normal[d] / Math.sqrt(length);
        return direction;
    }

    private static double[] projections(float[] points, double[] direction) {
        int dims = direction.length;
        var values = new double[points.length / dims];
        for (int i = 0; i < values.length; i++) {
            for (int d = 0; d < dims; d++) values[i] += points[i * dims + d] * direction[d];
        }
        Arrays.sort(values);
        return values;
    }
}
