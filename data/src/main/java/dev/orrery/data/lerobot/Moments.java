package dev.orrery.data.lerobot;

import java.util.Arrays;

/// Running moments of each dimension of a feature: count, least, greatest, mean, spread.
final class Moments {

    private final double[] min, max, mean, squares;
    private long count;

    Moments(int dimensions) {
        min = new double[dimensions];
        max = new double[dimensions];
        mean = new double[dimensions];
        squares = new double[dimensions];
        Arrays.fill(min, Double.POSITIVE_INFINITY);
        Arrays.fill(max, Double.NEGATIVE_INFINITY);
    }

    /// Takes in frames that lie one after another.
    void add(double[] values) {
        int n = mean.length;
        for (int at = 0; at < values.length; at += n) {
            count++;
            for (int i = 0; i < n; i++) {
                double value = values[at + i];
                min[i] = Math.min(min[i], value);
                max[i] = Math.max(max[i], value);
                double shift = value - mean[i];
                mean[i] += shift / count;
                squares[i] += shift * (value - mean[i]);
            }
        }
    }

    /// The moments over all but the last axis of a feature, whose size is `last`.
    Moments folded(int last) {
        if (last == mean.length) return this;
        var out = new Moments(last);
        int rows = mean.length / last;
        out.count = count;
        for (int i = 0; i < mean.length; i++) {
            out.min[i % last] = Math.min(out.min[i % last], min[i]);
            out.max[i % last] = Math.max(out.max[i % last], max[i]);
            out.mean[i % last] += mean[i] / rows;
        }
        for (int i = 0; i < mean.length; i++) {
            double shift = mean[i] - out.mean[i % last];
            out.squares[i % last] += (squares[i] + shift * shift * count) / rows;
        }
        return out;
    }

    long count() {
        return count;
    }

    double[] min() {
        return min;
    }

    double[] max() {
        return max;
    }

    double[] mean() {
        return mean;
    }

    /// The standard deviation over the frames, not the estimate for a larger population.
    double[] std() {
        var out = new double[mean.length];
        for (int i = 0; i < out.length; i++)
            out[i] = count == 0 ? 0 : Math.sqrt(squares[i] / count);
        return out;
    }
}
