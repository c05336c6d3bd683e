package dev.orrery.system.openvla;

import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Camera;
import dev.orrery.env.tabletop.Demonstration;
import dev.orrery.env.tabletop.Demonstrations;
import dev.orrery.env.tabletop.Projector;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.policy.ActionTokenizer;
import dev.orrery.policy.RobotStatistics;
import dev.orrery.run.Report;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// What one does before one doubts the training: replay a demonstration's actions in the
/// environment, after they went through statistics and tokens and back; and show the policy frames
/// that it was trained on.
///
/// The authors of OpenVLA recommend both. If the first fails, units or tokens are wrong; if the
/// second does, the policy has learned nothing or is shown something else than in training.
final class OpenVlaChecks {

    private static final int EVERY = 5, STILL = 5;

    private OpenVlaChecks() {}

    /// Both checks, on the first demonstrations of each family of a run.
    ///
    /// @param perFamily demonstrations a family
    /// @param seed the run's
    static Report run(OpenVlaConfig config, OpenVlaCheckpoint trained, int perFamily, long seed) {
        int most = Math.min(perFamily, config.demonstrations().perFamily());
        var shown =
                Demonstrations.collect(
                        OpenVlaData.families(config), most, seed, Demonstrations.NOISE);
        var report = frames(trained.policy(), shown);
        double replayed = replay(shown, trained.robot(), trained.model().tokens());
        return Double.isNaN(replayed) ? report : report.with("replay_success", replayed);
    }

    /// The share of undisturbed demonstrations whose actions, written as tokens and read back,
    /// reach the goal again; NaN if all of them were disturbed.
    static double replay(
            List<Demonstration> shown, RobotStatistics.Robot robot, ActionTokenizer tokens) {
        return shown.stream()
                .filter(d -> !d.noisy())
                .mapToDouble(d -> replay(d, robot, tokens) ? 1 : 0)
                .average()
                .orElse(Double.NaN);
    }

    private static boolean replay(
            Demonstration shown, RobotStatistics.Robot robot, ActionTokenizer tokens) {
        var table = new Tabletop();
        table.reset(shown.start());
        var done = false;
        for (int t = 0; t < shown.length() && !done; t++) {
            done = table.step(written(action(shown, t), robot, tokens)).last();
        }
        // demonstrations leave out the steps in which nothing moves, but success takes some
        var still = new float[shown.arm().actionSize()];
        still[still.length - 1] = action(shown, shown.length() - 1)[still.length - 1];
        for (int t = 0; t < STILL && !done; t++) {
            done = table.step(written(still, robot, tokens)).last();
        }
        return table.success();
    }

    /// An action as it comes back from its tokens.
    private static float[] written(
            float[] action, RobotStatistics.Robot robot, ActionTokenizer tokens) {
        var normal = robot.action().normalise(action);
        var restored = robot.action().restore(tokens.decode(tokens.encode(normal)));
        var values = new float[restored.length];
        for (int d = 0; d < values.length; d++) values[d] = (float) restored[d];
        return values;
    }

    private static float[] action(Demonstration shown, int t) {
        var action = new float[shown.arm().actionSize()];
        shown.action(t, action, 0);
        return action;
    }

    /// How far the policy's first actions lie from those that it was shown, on training frames, in
    /// the robot's units; and the probability that it gave to what is no action.
    static Report frames(OpenVlaPolicy policy, List<Demonstration> shown) {
        double error = 0, outside = 0;
        int values = 0, count = 0;
        for (var demonstration : shown) {
            var observations = new ArrayList<Observation>();
            var actions = new ArrayList<float[]>();
            for (int t = 0; t < demonstration.length(); t += EVERY) {
                observations.add(observation(demonstration, t));
                actions.add(action(demonstration, t));
            }
            var decisions = policy.decide(observations);
            for (int i = 0; i < decisions.size(); i++) {
                var answered = decisions.get(i).actions()[0];
                for (int d = 0; d < answered.length; d++) {
                    error += Math.abs(answered[d] - Math.clamp(actions.get(i)[d], -1f, 1f));
                    values++;
                }
                outside += decisions.get(i).outside();
                count++;
            }
        }
        return Report.of("train_frame_error", error / values).with("outside_mass", outside / count);
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
