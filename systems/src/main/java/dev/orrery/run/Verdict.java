package dev.orrery.run;

/// What came of a trial.
///
/// @param outcome whether the threshold was met
/// @param reason the numbers that decided it
public record Verdict(Outcome outcome, String reason) {

    /// Met, missed, or without a threshold.
    public enum Outcome {
        PASSED,
        MISSED,
        REPORTED
    }

    /// Met if `met`.
    public static Verdict of(boolean met, String reason) {
        return new Verdict(met ? Outcome.PASSED : Outcome.MISSED, reason);
    }
}
