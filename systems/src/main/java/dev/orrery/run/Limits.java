package dev.orrery.run;

/// Refuses numbers that no run can use, by the names of their keys.
///
/// @param part of a configuration, such as `training`; empty for a record that stands in several
///   places, whose place [ConfigBinder] names
public record Limits(String part) {

    private static final int WIDEST = 1 << 20;

    /// The limits of a record that stands in several places of a configuration.
    public static Limits anywhere() {
        return new Limits("");
    }

    /// Refuses a number below the least that is of use.
    ///
    /// @throws IllegalArgumentException naming the key, what it is and what it may be
    public Limits atLeast(long least, String key, long value) {
        return check(value >= least, key, value, "%d or more".formatted(least));
    }

    /// Refuses a number that is not above 0.
    ///
    /// @throws IllegalArgumentException naming the key, what it is and what it may be
    public Limits positive(String key, double value) {
        return check(value > 0, key, value, "more than 0");
    }

    /// Refuses a number below 0.
    ///
    /// @throws IllegalArgumentException naming the key, what it is and what it may be
    public Limits notNegative(String key, double value) {
        return check(value >= 0, key, value, "0 or more");
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
    /// step, a learning rate that is not above 0.
    ///
    /// @throws IllegalArgumentException naming the key, what it is and what it may be
    public Limits stage(int steps, int batch, double learningRate) {
        return atLeast(0, "steps", steps)
                .atLeast(1, "batch", batch)
                .positive("learningRate", learningRate);
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
