package dev.orrery.system.rt2;

/// When a policy stops by itself: the flag was 1 in two answers in a row, or its steps are used up.
/// Once stopped it stays so until [#reset].
final class StopRule {

    private static final int IN_A_ROW = 2;

    private final int limit;
    private int flags, steps;

    /// @param limit control steps
    StopRule(int limit) {
        this.limit = limit;
    }

    /// Forgets the last episode.
    void reset() {
        flags = steps = 0;
    }

    /// Whether to stop, after one more answer.
    ///
    /// @param terminate its flag
    /// @param lasts control steps for which it is executed
    boolean after(boolean terminate, int lasts) {
        boolean before = stopped();
        steps += lasts;
        if (!before) flags = terminate ? flags + 1 : 0;
        return before || flags >= IN_A_ROW;
    }

    private boolean stopped() {
        return flags >= IN_A_ROW || steps >= limit;
    }
}
