package dev.orrery.system.openvla;

import dev.orrery.env.tabletop.Demonstration;
import dev.orrery.env.tabletop.Demonstrations;
import dev.orrery.policy.ActionTokenizer;
import dev.orrery.policy.RobotStatistics;
import dev.orrery.policy.tabletop.DemonstrationChecks;
import dev.orrery.run.Report;
import java.util.List;

/// [DemonstrationChecks] of a trained policy: its statistics and tokens, and its training frames.
final class OpenVlaChecks {

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

    /// See [DemonstrationChecks#replay].
    static double replay(
            List<Demonstration> shown, RobotStatistics.Robot robot, ActionTokenizer tokens) {
        return DemonstrationChecks.replay(shown, action -> written(action, robot, tokens));
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

    /// See [DemonstrationChecks#frames].
    static Report frames(OpenVlaPolicy policy, List<Demonstration> shown) {
        var found =
                DemonstrationChecks.frames(
                        shown,
                        observations ->
                                policy.decide(observations).stream()
                                        .map(d ->
                                                new DemonstrationChecks.Answer(
                                                        d.actions()[0], d.outside()))
                                        .toList());
        return Report.of("train_frame_error", found.error())
                .with("stands_still", found.still())
                .with("outside_mass", found.outside());
    }
}
