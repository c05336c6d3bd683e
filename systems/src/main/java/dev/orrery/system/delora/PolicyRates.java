package dev.orrery.system.delora;

import dev.orrery.adapter.AdapterConfig;
import dev.orrery.adapter.AdapterConfig.Targets;
import dev.orrery.adapter.AdapterRates;
import dev.orrery.adapter.DeloraForm;
import dev.orrery.policy.adapt.Adapts;
import dev.orrery.policy.adapt.Manner;
import dev.orrery.policy.adapt.ShiftedLab;
import dev.orrery.run.Recipe;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.run.SharedRun;
import dev.orrery.run.SharedRun.Wanted;
import dev.orrery.run.Watch;
import java.util.List;

/// Adapts a policy to the shifted table by adapters of rank 4 on every linear layer, at a method's
/// own best rate and at four times that.
final class PolicyRates {

    static final String BASE = "base", LORA = "lora", DELORA = "delora";

    private static final int RANK = 4;
    private static final double LAMBDA = 4, TIMES = 10, HIGH = 4;
    private static final List<Double> MULTIPLES = List.of(1., 3., 10., 30.);

    private final ShiftedLab lab;
    private final double rate;

    private PolicyRates(ShiftedLab lab, double rate) {
        this.lab = lab;
        this.rate = rate;
    }

    /// @param base which policy is trained and adapted; one that lies in the claim's folder
    ///   `given/seed-N` is taken instead
    /// @param budget with the lowest of LoRA's rates; DeLoRA's are ten times as high
    static Report measure(
            Recipe<?> training,
            Adapts system,
            Wanted base,
            ShiftedLab.Budget budget,
            String arm,
            Run run) {
        var lab =
                new ShiftedLab(
                        system,
                        SharedRun.ofClaim(training, base, run, system::canAdapt, system::saved),
                        run.folder().resolve("adapted"),
                        budget,
                        run.seed(),
                        run.heldOutSeed(),
                        new Watch(run)::at);
        return new PolicyRates(lab, budget.plan().learningRate()).measure(arm);
    }

    private Report measure(String arm) {
        if (arm.equals(BASE)) {
            try (var pupil = lab.pupil()) {
                return Report.of("success_rate", lab.shifted(pupil));
            }
        }
        double lowest = arm.equals(DELORA) ? TIMES * rate : rate;
        var rates = MULTIPLES.stream().map(m -> m * lowest).toList();
        double best = lab.best(arm, manner(arm), rates);
        double usual = success(arm, best), high = success(arm, HIGH * best);
        return Report.of("success_rate", usual)
                .with("success@1", usual)
                .with("success@4", high)
                .with("rate", best);
    }

    /// A training that did not stay finite succeeds nowhere.
    private double success(String arm, double at) {
        if (!Double.isFinite(lab.train(arm, manner(arm), at))) return 0;
        return lab.with(manner(arm), at, adapted -> lab.shifted(adapted.pupil()));
    }

    private static Manner manner(String arm) {
        AdapterConfig.Method method =
                switch (arm) {
                    case LORA -> new AdapterConfig.Method.Lora(RANK, RANK, false);
                    case DELORA -> new AdapterConfig.Method.Delora(RANK, LAMBDA, DeloraForm.PAPER);
                    default ->
                            throw new IllegalArgumentException(
                                    "delora adapts no policy by '%s'".formatted(arm));
                };
        return new Manner.Adapted(
                new AdapterConfig(method, new Targets.AllLinear()), AdapterRates.ALIKE);
    }
}
