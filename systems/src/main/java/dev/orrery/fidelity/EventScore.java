package dev.orrery.fidelity;

/// How well seen events match those that happened.
///
/// @param hits matched events
/// @param falsely events seen that did not happen
/// @param missed events that happened unseen
public record EventScore(int hits, int falsely, int missed) {

    /// Nothing seen, nothing missed.
    public static final EventScore NONE = new EventScore(0, 0, 0);

    /// Matches events that are at most `tolerance` steps apart, each with one at most, from early
    /// to late.
    ///
    /// @param truth whether an event happened at each step
    /// @param seen whether one was seen
    /// @throws IllegalArgumentException if the lengths differ
    public static EventScore of(boolean[] truth, boolean[] seen, int tolerance) {
        if (truth.length != seen.length) {
            throw new IllegalArgumentException(
                    "events over %d and %d steps do not compare"
                            .formatted(truth.length, seen.length));
        }
        int happened = 0, observed = 0, hits = 0, free = 0;
        for (int t = 0; t < truth.length; t++) {
            observed += seen[t] ? 1 : 0;
            if (truth[t]) {
                happened++;
                int from = Math.max(free, t - tolerance);
                int to = Math.min(truth.length - 1, t + tolerance);
                for (int s = from; s <= to; s++) {
                    if (seen[s]) {
                        hits++;
                        free = s + 1;
                        break;
                    }
                }
            }
        }
        return new EventScore(hits, observed - hits, happened - hits);
    }

    /// Both together.
    public EventScore plus(EventScore other) {
        return new EventScore(hits + other.hits, falsely + other.falsely, missed + other.missed);
    }

    /// Harmonic mean of precision and recall, 0 to 1; 1 if nothing happened and nothing was seen.
    public double f1() {
        int all = 2 * hits + falsely + missed;
        return all == 0 ? 1 : 2.0 * hits / all;
    }
}
