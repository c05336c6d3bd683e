package dev.orrery.system.delora;

import dev.orrery.adapter.RateSweep;
import dev.orrery.nn.Sequential;
import dev.orrery.run.ConfigBinder;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.tensor.Seed;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/// One way to adapt, measured on the regression tasks: at the rates around its own best, and at
/// that for ten times as many steps. What a single training showed is kept in the run's folder, so
/// that a measurement that was broken off goes on.
final class Regression {

    /// Records of a long training.
    static final int RECORDS = 20;

    private static final int LONGER = 10;

    private final DeloraConfig config;
    private final Run run;
    private final Sequential base;
    private final Teaching teaching;

    private Regression(DeloraConfig config, Run run, Sequential base, Teaching teaching) {
        this.config = config;
        this.run = run;
        this.base = base;
        this.teaching = teaching;
    }

    /// The numbers of one method: `error@M` by multiples M of its best rate, `best_error`, `rate`,
    /// `width` in octaves within a tenth of the best, `trainings`, `unadapted_error`; and of the
    /// long training, if there is one, `change@STEP`, `growth`, `long_error`, `source_error`.
    ///
    /// @param whole whether to try all multiples, and to train long as well
    static Report measure(DeloraConfig config, boolean whole, Run run) {
        try (var base = DeloraRecipe.base(config, run);
                var teaching = Teaching.of(config.task(), base, Seed.of(run.seed()))) {
            var regression = new Regression(config, run, base, teaching);
            double guess = config.training().learningRate();
            var sweep =
                    whole
                            ? RateSweep.around(guess, regression::at)
                            : RateSweep.best(guess, regression::at);
            var report =
                    Report.of("best_error", sweep.test(1))
                            .with("rate", sweep.rate())
                            .with("width", sweep.width(1.1))
                            .with("trainings", sweep.trials())
                            .with("unadapted_error", teaching.errors(base).test());
            for (var entry : sweep.tests().entrySet()) {
                report = report.with("error@" + entry.getKey(), entry.getValue());
            }
            return whole ? regression.prolong(sweep.rate(), report) : report;
        }
    }

    /// A kept outcome.
    private record Kept(double validation, double test) {}

    private RateSweep.Outcome at(double rate) {
        var name = "rates/%.3e.json".formatted(rate);
        var file = run.folder().resolve(name);
        if (Files.isRegularFile(file)) {
            var kept = ConfigBinder.read(file, Kept.class);
            return new RateSweep.Outcome(kept.validation(), kept.test());
        }
        var outcome = train(rate);
        run.write(name, new Kept(outcome.validation(), outcome.test()));
        return outcome;
    }

    /// A training that is no longer finite counts as the labels' mean would.
    private RateSweep.Outcome train(double rate) {
        int steps = config.training().steps();
        run.progress().stage("%s at %.2g".formatted(config.way().method(), rate), steps);
        try (var adaptee = adaptee(config.withRate(rate))) {
            for (int step = 0; step < steps; step++) {
                run.heed("sweeping learning rates");
                double loss = adaptee.step(step);
                if (!Double.isFinite(loss)) return new RateSweep.Outcome(1, 1);
                run.progress().at(step + 1, "loss %.3g".formatted(loss));
            }
            var errors = adaptee.errors();
            return new RateSweep.Outcome(errors.validation(), errors.test());
        }
    }

    private Adaptee adaptee(DeloraConfig adapted) {
        return new Adaptee(adapted, base, teaching, run.seed("adaptation"));
    }

    private Report prolong(double rate, Report report) {
        int steps = LONGER * config.training().steps(), every = Math.max(1, steps / RECORDS);
        run.progress().stage("%s for long".formatted(config.way().method()), steps);
        var changes = new ArrayList<Double>();
        try (var adaptee = adaptee(config.withRate(rate).withSteps(steps))) {
            for (int step = 0; step < steps; step++) {
                run.heed("training for long");
                double loss = adaptee.step(step);
                if (!Double.isFinite(loss) || !adaptee.isSoundEvery(step, every)) {
                    return diverged(report, changes, every);
                }
                run.progress().at(step + 1, "loss %.3g".formatted(loss));
                if ((step + 1) % every == 0) changes.add(adaptee.distance().get("change"));
            }
            var errors = adaptee.errors();
            return told(report, changes, every)
                    .with("growth", growth(changes))
                    .with("long_error", errors.test())
                    .with("source_error", errors.source());
        }
    }

    private static Report told(Report report, List<Double> changes, int every) {
        for (int i = 0; i < RECORDS; i++) {
            double change = changes.isEmpty() ? 0 : changes.get(Math.min(i, changes.size() - 1));
            report = report.with("change@" + (i + 1L) * every, change);
        }
        return report;
    }

    private static Report diverged(Report report, List<Double> changes, int every) {
        return told(report, changes, every)
                .with("growth", 1)
                .with("long_error", 1)
                .with("source_error", 1);
    }

    /// How much the change grows in the last half of a training, as a share of its mean there: by
    /// the straight line nearest to it.
    static double growth(List<Double> changes) {
        var half = changes.subList(changes.size() / 2, changes.size());
        int n = half.size();
        double mean = half.stream().mapToDouble(c -> c).average().orElse(Double.NaN);
        double middle = (n - 1) / 2.0, slope = 0, squares = 0;
        for (int i = 0; i < n; i++) {
            slope += (i - middle) * (half.get(i) - mean);
            squares += (i - middle) * (i - middle);
        }
        return slope / squares * (n - 1) / mean;
    }
}
