package dev.orrery.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A per-dimension linear map from data units to the network's units, `(x - offset) / scale`, and
/// its inverse; afterwards the vector is padded with zeros to the network's width.
///
/// Both conventions of the π0 family are such maps: [#zScore] (π0) and [#quantiles] (π0.5,
/// π0-FAST). Nothing is clipped.
public final class Normalizer {

    /// What openpi adds to a standard deviation or range before dividing.
    public static final double OPENPI_EPSILON = 1e-6;

    /// What LeRobot adds.
    public static final double LEROBOT_EPSILON = 1e-8;

    private final double[] offset, scale;

    private Normalizer(double[] offset, double[] scale) {
        this.offset = offset;
        this.scale = scale;
    }

    /// `(x - mean) / (std + epsilon)`.
    public static Normalizer zScore(Statistics statistics, double epsilon) {
        return new Normalizer(
                statistics.mean(), Arrays.stream(statistics.std()).map(s -> s + epsilon).toArray());
    }

    /// `2 (x - q01) / (q99 - q01 + epsilon) - 1`: the bulk of the data lands in [-1, 1].
    public static Normalizer quantiles(Statistics statistics, double epsilon) {
        double[] low = statistics.q01(), high = statistics.q99();
        var offset = new double[low.length];
        var scale = new double[low.length];
        for (int d = 0; d < low.length; d++) {
            scale[d] = (high[d] - low[d] + epsilon) / 2;
            offset[d] = low[d] + scale[d];
        }
        return new Normalizer(offset, scale);
    }

    /// Leaves values as they are.
    public static Normalizer identity(int dims) {
        var ones = new double[dims];
        Arrays.fill(ones, 1);
        return new Normalizer(new double[dims], ones);
    }

    /// The number of dimensions in data units.
    public int dims() {
        return offset.length;
    }

    /// Normalises one vector and pads it with zeros.
    ///
    /// @param width the length of the result
    /// @throws IllegalArgumentException if the vector does not have [#dims] values or is longer
    ///   than `width`
    public float[] normalise(float[] values, int width) {
        check(values.length);
        if (values.length > width) {
            throw new IllegalArgumentException(
                    "a vector of %d values does not fit the network's width %d; drop dimensions or use a wider model"
                            .formatted(values.length, width));
        }
        var out = new float[width];
        for (int d = 0; d < values.length; d++) {
            out[d] = (float) ((values[d] - offset[d]) / scale[d]);
        }
        return out;
    }

    /// Undoes [#normalise] on the first [#dims] values; padding is dropped.
    ///
    /// @throws IllegalArgumentException if there are fewer than [#dims] values
    public float[] restore(float[] normalised) {
        if (normalised.length < dims()) {
            throw new IllegalArgumentException(
                    "%d values cannot be restored to %d dimensions"
                            .formatted(normalised.length, dims()));
        }
        var out = new float[dims()];
        for (int d = 0; d < out.length; d++) {
            out[d] = (float) (normalised[d] * scale[d] + offset[d]);
        }
        return out;
    }

    /// One line a dimension: the range that `statistics`' 1 % to 99 % quantiles take after
    /// normalising. Ranges far outside [-5, 5] mean the wrong statistics.
    public List<String> report(String feature, Statistics statistics) {
        check(statistics.dims());
        double[] low = statistics.q01(), high = statistics.q99();
        var lines = new ArrayList<String>();
        for (int d = 0; d < dims(); d++) {
            lines.add(
                    "%s[%d]: %.4g … %.4g becomes %.3f … %.3f"
                            .formatted(
                                    feature,
                                    d,
                                    low[d],
                                    high[d],
                                    (low[d] - offset[d]) / scale[d],
                                    (high[d] - offset[d]) / scale[d]));
        }
        return lines;
    }

    private void check(int length) {
        if (length != dims()) {
            throw new IllegalArgumentException(
                    "a vector of %d values cannot be normalised with statistics of %d dimensions"
                            .formatted(length, dims()));
        }
    }
}
