package dev.orrery.system.openvla;

import dev.orrery.adapter.AdapterConfig;
import dev.orrery.adapter.AdapterRates;
import dev.orrery.policy.adapt.Manner;
import dev.orrery.policy.adapt.ShiftedLab;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.run.Watch;
import java.util.List;
import java.util.Locale;

/// Adapts a run's policy to the shifted table in one of three ways, and measures it there.
final class OpenVlaAdaptation {

    private static final int RANK = 8;
    private static final double ALPHA = 16, TIMES = 10;

    private OpenVlaAdaptation() {}

    /// What is trained.
    enum Way {
        /// Everything.
        FULL,
        /// Adapters of rank 8 on every linear layer but the output.
        LORA,
        /// The output layer.
        HEAD;

        /// The two others learn ten times as fast as everything does.
        double times() {
            return this == FULL ? 1 : TIMES;
        }

        Manner manner() {
            return switch (this) {
                case FULL -> new Manner.Full();
                case HEAD -> new Manner.Head();
                case LORA -> {
                    var method = new AdapterConfig.Method.Lora(RANK, ALPHA, false);
                    var config = new AdapterConfig(method, new AdapterConfig.Targets.AllLinear());
                    yield new Manner.Adapted(config, AdapterRates.ALIKE);
                }
            };
        }

        /// The name in reports.
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// Adapts the run's policy in every way; reports success on the shifted table, that of the
    /// policy as it was as `shifted/base`, and how many numbers were trained.
    static Report all(ShiftedLab.Budget budget, Run run) {
        double base;
        var first = lab(budget, run, "base");
        try (var pupil = first.pupil()) {
            base = first.shifted(pupil);
        }
        var report = Report.of("shifted/base", base);
        for (var way : Way.values()) {
            var lab = lab(budget, run, way.toString());
            double rate = lab.best(way.toString(), way.manner(), List.of(rate(budget, way)));
            var before = report;
            report =
                    lab.with(
                            way.manner(),
                            rate,
                            adapted ->
                                    before.with("trained/" + way, adapted.adaptation().trained())
                                            .with("shifted/" + way, lab.shifted(adapted.pupil())));
        }
        return report;
    }

    private static double rate(ShiftedLab.Budget budget, Way way) {
        return budget.plan().learningRate() * way.times();
    }

    private static ShiftedLab lab(ShiftedLab.Budget budget, Run run, String name) {
        return new ShiftedLab(
                new OpenVlaRecipe(),
                OpenVlaRecipe.folder(run),
                run.folder().resolve("adapted").resolve(name),
                budget,
                run.seed(),
                run.heldOutSeed(),
                new Watch(run)::at);
    }
}
