package dev.orrery.flow;

import java.util.Arrays;

/// The house times between which a solver steps, rising from 0 (noise) to 1 (data) or falling,
/// which turns data into noise.
///
/// @param times N + 1 strictly monotonous times in `[0, 1]` for N steps, not copied
public record StepGrid(double[] times) {

    public StepGrid {
        if (times.length < 2) {
            throw new IllegalArgumentException(
                    "a grid of %d steps; sampling needs at least 1 step"
                            .formatted(Math.max(0, times.length - 1)));
        }
        for (double time : times) requireTime(time);
        double direction = Math.signum(times[1] - times[0]);
        for (int k = 1; k < times.length; k++) {
            if (direction == 0 || (times[k] - times[k - 1]) * direction <= 0) {
                throw new IllegalArgumentException(
                        "grid times must rise or fall strictly, got %s then %s at step %d"
                                .formatted(times[k - 1], times[k], k - 1));
            }
        }
    }

    /// `k / steps`.
    public static StepGrid uniform(int steps) {
        return of(steps, k -> (double) k / steps);
    }

    /// Noise levels `(1 - k / steps)²`: steps shrink towards the data end.
    public static StepGrid quadratic(int steps) {
        return of(steps, k -> k == steps ? 1 : 1 - Math.pow(1 - (double) k / steps, 2));
    }

    /// Any times, copied.
    public static StepGrid custom(double... times) {
        return new StepGrid(times.clone());
    }

    /// The same grid with every noise level moved by a resolution shift, see [TimeSampler.Shifted].
    public StepGrid shifted(double shift) {
        requireShift(shift);
        return new StepGrid(Arrays.stream(times).map(t -> shift(t, shift)).toArray());
    }

    /// The same times from last to first: integrates the other way.
    public StepGrid reversed() {
        int n = times.length;
        var reversed = new double[n];
        for (int k = 0; k < n; k++) reversed[k] = times[n - 1 - k];
        return new StepGrid(reversed);
    }

    public int steps() {
        return times.length - 1;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StepGrid(double[] that) && Arrays.equals(times, that);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(times);
    }

    @Override
    public String toString() {
        return "StepGrid" + Arrays.toString(times);
    }

    static double requireTime(double time) {
        if (!(time >= 0 && time <= 1)) {
            throw new IllegalArgumentException(
                    "flow time is %s; times lie in [0, 1], 0 noise and 1 data".formatted(time));
        }
        return time;
    }

    static void requireShift(double shift) {
        if (!(shift > 0) || Double.isInfinite(shift)) {
            throw new IllegalArgumentException(
                    "resolution shift is %s; use a number above 0, 1 for none".formatted(shift));
        }
    }

    static double shift(double time, double shift) {
        double noise = 1 - time;
        return 1 - shift * noise / (1 + (shift - 1) * noise);
    }

    private static StepGrid of(int steps, java.util.function.IntToDoubleFunction time) {
        if (steps < 1) {
            throw new IllegalArgumentException(
                    "sampling in %d steps; use at least 1".formatted(steps));
        }
        var times = new double[steps + 1];
        for (int k = 0; k <= steps; k++) times[k] = time.applyAsDouble(k);
        return new StepGrid(times);
    }
}
