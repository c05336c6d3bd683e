package dev.orrery.fidelity;

import dev.orrery.env.Dice;
import java.util.Arrays;

/// A mean with its 95 % interval, found by drawing samples from the sample.
///
/// @param mean mean of the values
/// @param low 2.5th percentile of the resampled means
/// @param high 97.5th percentile
/// @param count number of values
public record Estimate(double mean, double low, double high, int count) {

    /// Samples that are drawn.
    public static final int RESAMPLES = 2_000;

    /// The mean of independent values and its percentile interval (Efron 1979).
    ///
    /// @param seed of the draws
    /// @throws IllegalArgumentException without values, or if one is not finite
    public static Estimate of(double[] values, long seed) {
        if (values.length == 0) {
            throw new IllegalArgumentException("there is no value to take the mean of");
        }
        for (double value : values) {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException(
                        "value %s has no place in a mean; leave it out".formatted(value));
            }
        }
        var dice = Dice.of(seed, 31);
        var means = new double[RESAMPLES];
        for (int r = 0; r < RESAMPLES; r++) {
            double sum = 0;
            for (int i = 0; i < values.length; i++) {
                sum += values[dice.nextInt(values.length)];
            }
            means[r] = sum / values.length;
        }
        Arrays.sort(means);
        double mean = Arrays.stream(values).sum() / values.length;
        return new Estimate(
                mean, percentile(means, 0.025), percentile(means, 0.975), values.length);
    }

    private static double percentile(double[] sorted, double share) {
        double at = share * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    @Override
    public String toString() {
        return "%.3f [%.3f, %.3f]".formatted(mean, low, high);
    }
}
