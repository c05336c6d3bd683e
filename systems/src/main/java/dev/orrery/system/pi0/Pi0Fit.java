package dev.orrery.system.pi0;

import java.time.Duration;
import java.util.List;

/// Trims a preset to the time that there is, on a machine that is too slow for all of it.
///
/// Steps are cut in proportion. Where few are left, they are spent on fewer families: a policy that
/// does five things well is a better companion than one that does twelve badly.
final class Pi0Fit {

    /// What is learned in few steps: going somewhere, pressing, lifting, and putting things down.
    static final List<String> FEW_FAMILIES =
            List.of("reach", "button", "pick", "put-zone", "put-tray");

    /// Frames seen in all under which twelve families are too many.
    static final int FEW_FRAMES = 80_000;

    private static final int LEAST = 100;

    private Pi0Fit() {}

    /// A configuration of which as much is left as `steps` steps allow.
    ///
    /// @param steps steps of both stages that can be afforded; at least 100 are taken
    static Pi0Config to(Pi0Config config, long steps) {
        int all = steps(config);
        if (steps >= all) {
            return config;
        }
        long left = Math.max(LEAST, steps);
        int questions = (int) (left * config.grounding().steps() / all);
        var shorter = config.withSteps(questions, (int) (left - questions));
        var wanted = config.demonstrations();
        boolean few = left * config.training().batch() < FEW_FRAMES;
        return few && wanted.families().isEmpty() && wanted.folder().isEmpty()
                ? shorter.with(
                        new Pi0Config.Demonstrations(
                                FEW_FAMILIES,
                                wanted.perFamily(),
                                "",
                                wanted.augmented(),
                                wanted.constant()))
                : shorter;
    }

    /// What was cut, in a line to read.
    static String said(Pi0Config wanted, Pi0Config left, double rate, Duration time) {
        var families =
                left.demonstrations().equals(wanted.demonstrations())
                        ? ""
                        : ", spent on " + String.join(", ", left.demonstrations().families());
        return "this machine trains %.1f steps a second now: %d of %d steps fit into %d min %02d s%s"
                .formatted(
                        rate,
                        steps(left),
                        steps(wanted),
                        time.toMinutes(),
                        time.toSecondsPart(),
                        families);
    }

    private static int steps(Pi0Config config) {
        return config.grounding().steps() + config.training().steps();
    }
}
