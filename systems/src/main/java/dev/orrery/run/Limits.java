package dev.orrery.run;

/// Refuses numbers that no run can use, by the names of their keys.
///
/// @param part of a configuration, such as `training`
public record Limits(String part) {

    /// Refuses a number below the least that is of use.
    ///
    /// @throws IllegalArgumentException naming the key, what it is and what it may be
    public Limits atLeast(int least, String key, int value) {
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
                    "%s.%s is %s; use %s".formatted(part, key, value, needed));
        }
        return this;
    }
}
