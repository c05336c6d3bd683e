package dev.orrery.serve;

/// How a control loop uses chunks, so that the next is there when the present one has served.
///
/// @param execute actions of each chunk that are executed
/// @param delay actions that are executed while the next chunk is predicted, less than `execute`
/// @param late whether a chunk takes longer than may be executed meanwhile, so that the loop waits
public record ChunkPlan(int execute, int delay, boolean late) {

    /// A chunk is asked for a tick earlier than it takes, as beside a loop it takes longer than
    /// alone.
    private static final int SLACK = 1;

    /// Plans.
    ///
    /// @param horizon actions of a chunk
    /// @param usual how many of them the policy was measured with
    /// @param millis how long a chunk takes
    /// @param hertz actions a second
    /// @throws IllegalArgumentException if there is no action, or a number is not positive
    public static ChunkPlan of(int horizon, int usual, double millis, double hertz) {
        if (horizon < 1 || usual < 1 || !(millis >= 0) || !(hertz > 0)) {
            throw new IllegalArgumentException(
                    "chunks of %d actions, %d of them executed, that take %s ms, at %s Hz; use at least 1 action and positive numbers"
                            .formatted(horizon, usual, millis, hertz));
        }
        long ticks = (long) Math.ceil(millis * hertz / 1000);
        int most = Math.min(Math.max(1, horizon / 2), horizon - 1);
        int delay = Math.toIntExact(Math.min(ticks + SLACK, most));
        int execute = Math.min(horizon, Math.max(usual, 2 * delay));
        return new ChunkPlan(Math.max(execute, 1), delay, ticks > delay);
    }
}
