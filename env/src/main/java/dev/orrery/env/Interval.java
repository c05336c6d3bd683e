package dev.orrery.env;

/// A success rate with its Wilson 95 % interval.
///
/// @param successes how many succeeded
/// @param trials of how many
/// @param rate the share, 0 to 1
/// @param low lower bound of the interval
/// @param high upper bound
public record Interval(int successes, int trials, double rate, double low, double high) {

    private static final double Z = 1.959963984540054;

    /// The interval of Wilson (1927) for a count of successes.
    ///
    /// @throws IllegalArgumentException if there are no trials or more successes than trials
    public static Interval of(int successes, int trials) {
        if (trials < 1 || successes < 0 || successes > trials) {
            throw new IllegalArgumentException(
                    "%d successes of %d trials have no rate".formatted(successes, trials));
        }
        double p = (double) successes / trials, zz = Z * Z / trials;
        double centre = (p + zz / 2) / (1 + zz);
        double half = Z / (1 + zz) * Math.sqrt(p * (1 - p) / trials + zz / trials / 4);
        return new Interval(
                successes,
                trials,
                p,
                successes == 0 ? 0 : Math.max(0, centre - half),
                successes == trials ? 1 : Math.min(1, centre + half));
    }

    /// Whether the two intervals share a value.
    public boolean overlaps(Interval other) {
        return low <= other.high && other.low <= high;
    }

    @Override
    public String toString() {
        return "%.1f %% [%.1f, %.1f]".formatted(100 * rate, 100 * low, 100 * high);
    }
}
