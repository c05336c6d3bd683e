package dev.orrery.policy.tabletop;

import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Camera;
import dev.orrery.env.tabletop.Demonstration;
import dev.orrery.env.tabletop.Projector;
import dev.orrery.env.tabletop.Tabletop;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// What one does before one doubts the training of a policy that writes actions as tokens: replay a
/// demonstration's actions in the environment, after they went through statistics and tokens and
/// back; and show the policy frames that it was trained on.
///
/// The authors of OpenVLA recommend both. If the first fails, units or tokens are wrong; if the
/// second does, the policy has learned nothing or is shown something else than in training.
public final class DemonstrationChecks {

    private static final int EVERY = 5, STILL = 5;

    /// Share of the largest motion above which something moves, and below which it does not.
    private static final float MOVES = .1f, RESTS = .05f;

    private DemonstrationChecks() {}

    /// The share of undisturbed demonstrations whose actions, written as tokens and read back,
    /// reach the goal again; NaN if all of them were disturbed.
    ///
    /// @param written an action as it comes back from its tokens
    public static double replay(List<Demonstration> shown, UnaryOperator<float[]> written) {
        return shown.stream()
                .filter(d -> !d.noisy())
                .mapToDouble(d -> replay(d, written) ? 1 : 0)
                .average()
                .orElse(Double.NaN);
    }

    private static boolean replay(Demonstration shown, UnaryOperator<float[]> written) {
        var table = new Tabletop();
        table.reset(shown.start());
        var done = false;
        for (int t = 0; t < shown.length() && !done; t++) {
            done = table.step(written.apply(action(shown, t))).last();
        }
        // demonstrations leave out the steps in which nothing moves, but success takes some
        var still = new float[shown.arm().actionSize()];
        still[still.length - 1] = action(shown, shown.length() - 1)[still.length - 1];
        for (int t = 0; t < STILL && !done; t++) {
            done = table.step(written.apply(still)).last();
        }
        return table.success();
    }

    private static float[] action(Demonstration shown, int t) {
        var action = new float[shown.arm().actionSize()];
        shown.action(t, action, 0);
        return action;
    }

    /// What a policy does first.
    ///
    /// @param action in the robot's units
    /// @param outside the probability that it gave to what is no action
    public record Answer(float[] action, double outside) {}

    /// How a policy fares on frames that it was trained on.
    ///
    /// @param error how far its first actions lie from those that it was shown, in the robot's
    ///   units
    /// @param outside the probability that it gave to what is no action
    /// @param still the share of frames in which it stands still, of those whose demonstration
    ///   moves: a policy to which nothing is drawn and that stands still once does so for good
    public record Frames(double error, double outside, double still) {}

    /// Shows every fifth frame.
    public static Frames frames(
            List<Demonstration> shown, Function<List<Observation>, List<Answer>> policy) {
        double error = 0, outside = 0;
        int values = 0, count = 0, moving = 0, still = 0;
        for (var demonstration : shown) {
            var answers = policy.apply(observations(demonstration));
            for (int i = 0; i < answers.size(); i++) {
                var answered = answers.get(i).action();
                var done = action(demonstration, i * EVERY);
                for (int d = 0; d < answered.length; d++) {
                    error += Math.abs(answered[d] - Math.clamp(done[d], -1f, 1f));
                    values++;
                }
                if (motion(done) > MOVES) {
                    moving++;
                    still += motion(answered) < RESTS ? 1 : 0;
                }
                outside += answers.get(i).outside();
                count++;
            }
        }
        return new Frames(error / values, outside / count, (double) still / Math.max(1, moving));
    }

    /// The largest of an action's values but the grip's.
    private static float motion(float[] action) {
        float most = 0;
        for (int d = 0; d < action.length - 1; d++) most = Math.max(most, Math.abs(action[d]));
        return most;
    }

    /// The share of the same frames of which something is true.
    public static double share(
            List<Demonstration> shown, Function<List<Observation>, List<Boolean>> test) {
        int yes = 0, count = 0;
        for (var demonstration : shown) {
            var found = test.apply(observations(demonstration));
            yes += (int) found.stream().filter(b -> b).count();
            count += found.size();
        }
        return (double) yes / count;
    }

    private static List<Observation> observations(Demonstration shown) {
        var observations = new ArrayList<Observation>();
        for (int t = 0; t < shown.length(); t += EVERY) observations.add(observation(shown, t));
        return observations;
    }

    private static Observation observation(Demonstration shown, int t) {
        var projector = new Projector();
        var images = new LinkedHashMap<String, Image>();
        images.put(Camera.OVERHEAD, projector.overhead(shown, t, Camera.OVERHEAD_PIXELS));
        images.put(Camera.WRIST, projector.wrist(shown, t, Camera.WRIST_PIXELS));
        var state = new float[shown.arm().stateSize()];
        shown.state(t, state, 0);
        return new Observation(images, state, shown.instruction());
    }
}
