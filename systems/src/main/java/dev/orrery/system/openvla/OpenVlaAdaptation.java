package dev.orrery.system.openvla;

import dev.orrery.adapter.Adapter;
import dev.orrery.adapter.AdapterConfig;
import dev.orrery.env.tabletop.Demonstrations;
import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Split;
import dev.orrery.optim.AdamW;
import dev.orrery.optim.GradientClip;
import dev.orrery.optim.ParameterGroup;
import dev.orrery.optim.Schedule;
import dev.orrery.policy.tabletop.FrameSource;
import dev.orrery.policy.tabletop.ShiftedTable;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Adapts a trained policy to the [ShiftedTable] in one of three manners, and measures it there.
///
/// The statistics and the action tokens stay those that the policy was trained with.
final class OpenVlaAdaptation {

    private static final int RANK = 8, WARM_UP = 20;
    private static final double ALPHA = 16;

    private OpenVlaAdaptation() {}

    /// What is trained.
    enum Manner {
        /// Everything.
        FULL(1),
        /// Adapters of rank 8 on every linear layer but the output.
        LORA(10),
        /// The output layer.
        HEAD(10);

        private final double rate;

        Manner(double rate) {
            this.rate = rate;
        }

        /// The name in reports.
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// How long and on what.
    ///
    /// @param perFamily demonstrations of each of the thirteen families
    /// @param steps optimiser steps
    /// @param batch frames a step
    /// @param learningRate of full training; the two others take ten times as much
    record Budget(int perFamily, int steps, int batch, double learningRate) {

        /// 40 demonstrations a family, 500 steps of 32 frames.
        static Budget laptop() {
            return new Budget(40, 500, 32, 3e-4);
        }

        /// As good as nothing.
        static Budget smoke() {
            return new Budget(2, 3, 4, 3e-4);
        }
    }

    /// Adapts the run's policy in every manner; reports success on the shifted table, that of the
    /// policy as it was as `shifted/base`, and how many numbers were trained.
    static Report all(OpenVlaConfig config, Budget budget, Run run) {
        var families =
                config.demonstrations().families().isEmpty()
                        ? ShiftedTable.FAMILIES
                        : OpenVlaData.families(config);
        var base = success(config, OpenVlaCheckpoint.open(OpenVlaRecipe.folder(run)), run);
        var report = Report.of("shifted/base", base);
        for (var manner : Manner.values()) {
            var checkpoint = OpenVlaCheckpoint.open(OpenVlaRecipe.folder(run));
            var trained = adapt(checkpoint, families, manner, budget, run);
            report = report.with("trained/" + manner, trained);
            report = report.with("shifted/" + manner, success(config, checkpoint, run));
        }
        return report;
    }

    /// Measures on the ordinary starts under the shift, and frees the policy.
    private static double success(OpenVlaConfig config, OpenVlaCheckpoint checkpoint, Run run) {
        try (var _ = checkpoint.model()) {
            var policy = checkpoint.policy().batched(config.evaluation().execute());
            var shifted = ShiftedTable.policy(policy);
            return OpenVlaRecipe.measure(config, run, Split.L0, shifted, (_, _) -> {})
                    .overall()
                    .rate();
        }
    }

    /// Trains and merges; the number of trained values.
    static long adapt(
            OpenVlaCheckpoint checkpoint,
            List<Family> families,
            Manner manner,
            Budget budget,
            Run run) {
        var seed = Seed.of(run.seed()).split("adapt");
        var recorded =
                Demonstrations.collect(
                        families, budget.perFamily(), run.seed(), Demonstrations.NOISE);
        var source = ShiftedTable.frames(new FrameSource.Recorded(recorded));
        try (var data = OpenVlaData.like(checkpoint, source)) {
            return switch (manner) {
                case FULL ->
                        train(
                                checkpoint.model(),
                                checkpoint.model().namedParameters(),
                                data,
                                manner,
                                budget,
                                run,
                                seed);
                case HEAD -> {
                    checkpoint.model().freeze();
                    var output = head(checkpoint.model());
                    output.values().forEach(p -> p.requiresGrad_(true));
                    yield train(checkpoint.model(), output, data, manner, budget, run, seed);
                }
                case LORA -> {
                    var method = new AdapterConfig.Method.Lora(RANK, ALPHA, false);
                    var wanted = new AdapterConfig(method, new AdapterConfig.Targets.AllLinear());
                    try (var adapter =
                            Adapter.on(checkpoint.model(), wanted, seed.split("adapter"))) {
                        long count =
                                train(
                                        checkpoint.model(),
                                        adapter.namedParameters(),
                                        data,
                                        manner,
                                        budget,
                                        run,
                                        seed);
                        adapter.merge();
                        yield count;
                    }
                }
            };
        }
    }

    private static Map<String, Tensor> head(OpenVla model) {
        var found = new LinkedHashMap<String, Tensor>();
        model.namedParameters()
                .forEach((name, p) -> {
                    if (name.contains("lm_head.") || name.startsWith("action_head.")) {
                        found.put(name, p);
                    }
                });
        return found;
    }

    private static long train(
            OpenVla model,
            Map<String, Tensor> parameters,
            OpenVlaData data,
            Manner manner,
            Budget budget,
            Run run,
            Seed seed) {
        var optimizer =
                AdamW.grouped(
                        ParameterGroup.decayMatrices(parameters),
                        AdamW.Settings.of(budget.learningRate()).withBetas(.9, .95));
        var clip = GradientClip.norm(1);
        double peak = budget.learningRate() * manner.rate;
        var schedule =
                Schedule.warmupCosine(
                        peak, peak / 10, Math.min(WARM_UP, budget.steps() / 2), budget.steps());
        run.progress().stage("adapting, " + manner, budget.steps());
        for (int step = 0; step < budget.steps(); step++) {
            run.heed("adapting");
            try (var _ = TensorScope.open()) {
                optimizer.learningRate(schedule.at(step));
                var batch = data.batch(budget.batch(), seed.split("batch").split(step));
                var loss = model.loss(batch.prompt(), batch.actions(), batch.ids(), batch.real());
                run.check(step, OpenVlaRecipe.report(loss), seed.split("batch").split(step));
                loss.loss().backward();
                clip.apply(optimizer.parameters());
                optimizer.step();
                optimizer.clearGradients();
                run.progress().at(step + 1, "loss %.4g".formatted(loss.loss().item()));
            }
        }
        return parameters.values().stream().mapToLong(Tensor::numel).sum();
    }
}
