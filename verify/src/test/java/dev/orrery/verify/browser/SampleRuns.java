package dev.orrery.verify.browser;

import dev.orrery.env.Interval;
import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Outcome;
import dev.orrery.env.tabletop.Split;
import dev.orrery.env.tabletop.Suite;
import dev.orrery.env.tabletop.SuiteReport;
import dev.orrery.run.Run;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Runs as training leaves them, made up in no time.
final class SampleRuns {

    /// A small configuration to compare.
    record Config(int steps, double learningRate, String sampler) {}

    private SampleRuns() {}

    /// A run with a loss that falls the faster the larger its learning rate is.
    static Run train(Path folder, String name, double learningRate, int steps) {
        var config = new Config(300, learningRate, "uniform");
        var run = Run.create(folder.resolve(name), "pi0", config, 7);
        for (int step = 0; step < steps; step++) {
            run.log(step, "loss", .1 + Math.exp(-step * 30 * learningRate));
        }
        return run;
    }

    /// A measurement with so many successes in thirty episodes of `pick`, and ten of `reach`.
    static SuiteReport measured(int successes) {
        var pick =
                new SuiteReport.Score(
                        Family.PICK,
                        Interval.of(successes, 30),
                        19,
                        Map.of(Outcome.SUCCESS, successes, Outcome.DROPPED, 30 - successes));
        var reach =
                new SuiteReport.Score(
                        Family.REACH, Interval.of(10, 10), 8, Map.of(Outcome.SUCCESS, 10));
        return new SuiteReport(
                Split.L0,
                Split.L0.hash(),
                "0123456789abcdef",
                new Suite.Subject("pi0", "fedcba9876543210", 2, 1),
                Interval.of(successes + 10, 40),
                List.of(reach, pick),
                List.of(new SuiteReport.Result(Family.REACH, 1, Outcome.SUCCESS, 8)));
    }
}
