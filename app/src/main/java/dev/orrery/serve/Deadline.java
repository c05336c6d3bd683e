package dev.orrery.serve;

import dev.orrery.data.wire.RefusedException;
import dev.orrery.data.wire.RefusedException.Reason;
import dev.orrery.data.wire.Value.Fields;

/// Until when an answer is wanted.
///
/// Callers say how long they are willing to wait, counted from when their question was read whole,
/// as their clocks are not ours.
///
/// @param asked when the question was there, in nanoseconds of this machine's clock
/// @param patience nanoseconds; all there are if there is no deadline
record Deadline(long asked, long patience) {

    /// The name of a question's entry: milliseconds from 0 on.
    static final String ENTRY = "deadline_ms";

    /// No deadline.
    static final Deadline NONE = new Deadline(System.nanoTime(), Long.MAX_VALUE);

    private static final double MOST_MILLIS = 600_000;

    /// The deadline that a question has; none if it says nothing.
    ///
    /// @param asked when the question was there
    /// @throws IllegalArgumentException if it is no number of milliseconds
    static Deadline of(Fields question, long asked) {
        if (!question.has(ENTRY)) {
            return new Deadline(asked, NONE.patience());
        }
        double millis = question.number(ENTRY);
        if (!(millis >= 0 && millis <= MOST_MILLIS)) {
            throw new IllegalArgumentException(
                    "'%s' is %s; send milliseconds from 0 to %.0f, counted from the question"
                            .formatted(ENTRY, millis, MOST_MILLIS));
        }
        return new Deadline(asked, (long) (millis * 1e6));
    }

    /// Whether it is too late.
    boolean passed() {
        return System.nanoTime() - asked > patience;
    }

    /// Nanoseconds until then, not below 0.
    long left() {
        return Math.max(0, patience - (System.nanoTime() - asked));
    }

    /// The refusal of a question that is too late.
    RefusedException refusal() {
        return new RefusedException(
                Reason.DEADLINE_EXCEEDED,
                "the answer was wanted within %.1f ms and was not ready after %.1f ms; ask with a longer %s, or less often"
                        .formatted(patience / 1e6, (System.nanoTime() - asked) / 1e6, ENTRY));
    }
}
