package dev.orrery.data.lerobot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What people discover about their demonstrations only after a policy has learned to stand still
/// or to grip the wrong way round.
///
/// @param fps control rate, in actions a second
/// @param episodes number of episodes
/// @param frames number of frames
/// @param idle share of the frames after which the state is as before, the gripper included
/// @param gripper what larger values of an action's last dimension do
/// @param constant dimensions of state and action that hardly vary
public record Lint(
        int fps, int episodes, long frames, double idle, Gripper gripper, List<String> constant) {

    private static final String STATE = "observation.state", ACTION = "action";
    private static final double STILL = 2e-3, SURE = 0.3, MOST_IDLE = 0.1;
    private static final int LEAST_EPISODES = 100, SLOW = 5, QUICK = 10;

    /// What larger values of the last action dimension do to the last state dimension, taken to be
    /// how far the gripper is open.
    public enum Gripper {
        /// They open it, as OpenVLA's data sets have it.
        OPENS,
        /// They close it.
        CLOSES,
        /// The two do not vary together.
        UNKNOWN
    }

    public Lint {
        constant = List.copyOf(constant);
    }

    /// Reads all states and actions of a data set.
    ///
    /// @throws IllegalArgumentException if it lacks one of them
    public static Lint of(LeRobotDataset data) {
        for (var name : List.of(STATE, ACTION)) {
            if (!data.features().containsKey(name)) {
                throw new IllegalArgumentException(
                        "%s has no '%s', it has %s; rename a feature with: orrery data rename"
                                .formatted(data.root(), name, data.features().keySet()));
            }
        }
        var spread = spread(data);
        long still = 0, steps = 0;
        var gripper = new Together();
        for (int e = 0; e < data.episodes().size(); e++) {
            int length = data.episodes().get(e).length();
            var states = data.floats(e, STATE, 0, length);
            var actions = data.floats(e, ACTION, 0, length);
            int width = states.length / length, dims = actions.length / length;
            for (int t = 0; t + 1 < length; t++) {
                steps++;
                still += moves(states, t, width, spread) ? 0 : 1;
                gripper.add(actions[(t + 1) * dims - 1], states[(t + 2) * width - 1]);
            }
        }
        return new Lint(
                data.fps(),
                data.episodes().size(),
                data.frames(),
                steps == 0 ? 0 : (double) still / steps,
                gripper.meaning(),
                constant(data));
    }

    private static double[] spread(LeRobotDataset data) {
        var least = new double[data.feature(STATE).elements()];
        var greatest = new double[least.length];
        Arrays.fill(least, Double.POSITIVE_INFINITY);
        Arrays.fill(greatest, Double.NEGATIVE_INFINITY);
        for (int e = 0; e < data.episodes().size(); e++) {
            var states = data.floats(e, STATE, 0, data.episodes().get(e).length());
            for (int i = 0; i < states.length; i++) {
                int d = i % least.length;
                least[d] = Math.min(least[d], states[i]);
                greatest[d] = Math.max(greatest[d], states[i]);
            }
        }
        for (int d = 0; d < least.length; d++) greatest[d] -= least[d];
        return greatest;
    }

    private static boolean moves(float[] states, int t, int width, double[] spread) {
        for (int d = 0; d < width; d++) {
            double step = Math.abs(states[(t + 1) * width + d] - states[t * width + d]);
            if (step > STILL * spread[d] && step > 0) return true;
        }
        return false;
    }

    private static List<String> constant(LeRobotDataset data) {
        return Preflight.of(data).stream()
                .filter(Preflight.Dimension::constant)
                .map(Preflight.Dimension::name)
                .filter(name -> name.startsWith(STATE) || name.startsWith(ACTION))
                .toList();
    }

    /// How two numbers vary together.
    private static final class Together {
        private double n, x, y, xx, yy, xy;

        void add(double a, double b) {
            n++;
            x += a;
            y += b;
            xx += a * a;
            yy += b * b;
            xy += a * b;
        }

        Gripper meaning() {
            double spread = Math.sqrt((n * xx - x * x) * (n * yy - y * y));
            if (!(spread > 1e-9)) return Gripper.UNKNOWN;
            double correlation = (n * xy - x * y) / spread;
            return correlation > SURE
                    ? Gripper.OPENS
                    : correlation < -SURE ? Gripper.CLOSES : Gripper.UNKNOWN;
        }
    }

    /// What is worth a second look, in sentences; empty if nothing is.
    public List<String> advice() {
        var lines = new ArrayList<String>();
        if (idle > MOST_IDLE) {
            lines.add(
                    "nothing moves in %.0f %% of the frames: a policy learns to wait; leave them out"
                            .formatted(100 * idle));
        }
        if (fps < SLOW || fps > QUICK) {
            lines.add(
                    "%d actions a second: policies of one action a step are trained at %d to %d"
                            .formatted(fps, SLOW, QUICK));
        }
        if (gripper == Gripper.CLOSES) {
            lines.add(
                    "larger values close the gripper: published OpenVLA models have 1 for open; turn them round before fine-tuning one");
        }
        if (episodes < LEAST_EPISODES) {
            lines.add(
                    "%d episodes: fine-tuning takes about %d of a task"
                            .formatted(episodes, LEAST_EPISODES));
        }
        if (!constant.isEmpty()) {
            lines.add(
                    "%s hardly vary: normalised, they become 0 or explode"
                            .formatted(String.join(", ", constant)));
        }
        return lines;
    }
}
