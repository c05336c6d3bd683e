package dev.orrery.run;

/// Refuses numbers that no run can use, by the names of their keys: those that are too small, and
/// those beyond what any machine can hold or any optimiser follow. What this machine cannot hold is
/// refused by [Need].
///
/// @param part of a configuration, such as `training`; empty for a record that stands in several
///   places, whose place [ConfigBinder] names
public record Limits(String part) {

    private static final int WIDEST = 1 << 20, DEEPEST = 2_000, FASTEST = 100;
    private static final long MOST = 1_000_000_000;

    /// The limits of a record that stands in several places of a configuration.
    public static Limits anywhere() {
        return new Limits("");
    }

    /// Refuses a number below the least that is of use, or above a billion.
    ///
    /// @throws IllegalArgumentException naming the key, what it is and what it may be
    public Limits atLeast(long least, String key, long value) {
        return least(least, key, value).atMost(MOST, key, value);
    }

    /// Refuses a size of a network, such as its width, below 1 or beyond that of any network.
    ///
    /// @throws IllegalArgumentException naming the key, what it is and what it may be
    public Limits size(String key, long value) {
        return least(1, key, value).atMost(WIDEST, key, value);
    }

    /// Refuses a number of layers below the least that is of use, or beyond that of any network.
    ///
    /// @throws IllegalArgumentException naming the key, what it is and what it may be
    public Limits layers(long least, String key, long value) {
        return least(least, key, value).atMost(DEEPEST, key, value);
    }

    /// Refuses a number that is not above 0, or above a billion.
    ///
    /// @throws IllegalArgumentException naming the key, what it is and what it may be
    public Limits positive(String key, double value) {
        return check(value > 0, key, value, "more than 0").atMost(MOST, key, value);
    }

    /// Refuses a number below 0, or above a billion.
    ///
    /// @throws IllegalArgumentException naming the key, what it is and what it may be
    public Limits notNegative(String key, double value) {
        return check(value >= 0, key, value, "0 or more").atMost(MOST, key, value);
    }

    /// Refuses a learning rate that is not above 0, or with which nothing is learned.
    ///
    /// @throws IllegalArgumentException naming the key, what it is and what it may be
    public Limits rate(String key, double value) {
        return check(value > 0, key, value, "more than 0").atMost(FASTEST, key, value);
    }

    /// The same of a learning rate that may be 0, such as the one that a training ends with.
    ///
    /// @throws IllegalArgumentException naming the key, what it is and what it may be
    public Limits lastRate(String key, double value) {
        return check(value >= 0, key, value, "0 or more").atMost(FASTEST, key, value);
    }

    /// Refuses a number that is not a share: below 0, or 1 and more.
    ///
    /// @throws IllegalArgumentException naming the key, what it is and what it may be
    public Limits share(String key, double value) {
        return check(value >= 0 && value < 1, key, value, "a share, 0 to less than 1");
    }

    /// Refuses a width that does not split into equal parts: heads, or pairs of a head's channels;
    /// or that is wider than any network.
    ///
    /// @throws IllegalArgumentException naming the key, what it is and what it may be
    public Limits splits(String key, long value, long parts) {
        return check(
                value >= parts && value % parts == 0 && value <= WIDEST,
                key,
                value,
                "a multiple of %d, at most %d".formatted(parts, WIDEST));
    }

    /// Refuses what no stage of a training can be: fewer than 0 steps, fewer than one example a
    /// step, a learning rate that [#rate] refuses.
    ///
    /// @throws IllegalArgumentException naming the key, what it is and what it may be
    public Limits stage(int steps, int batch, double learningRate) {
        return atLeast(0, "steps", steps)
                .atLeast(1, "batch", batch)
                .rate("learningRate", learningRate);
    }

    private Limits least(long least, String key, long value) {
        return check(value >= least, key, value, "%d or more".formatted(least));
    }

    /// Refuses a number above the most that is of use.
    ///
    /// @throws IllegalArgumentException naming the key, what it is and what it may be
    public Limits atMost(long most, String key, Number value) {
        return check(value.doubleValue() <= most, key, value, "at most %d".formatted(most));
    }

    private Limits check(boolean fits, String key, Number value, String needed) {
        if (!fits) {
            throw new IllegalArgumentException(
                    "%s is %s; use %s"
                            .formatted(part.isEmpty() ? key : part + "." + key, value, needed));
        }
        return this;
    }
}
