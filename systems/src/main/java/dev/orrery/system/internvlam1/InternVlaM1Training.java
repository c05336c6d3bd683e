package dev.orrery.system.internvlam1;

import dev.orrery.optim.AdamW;
import dev.orrery.optim.Ema;
import dev.orrery.optim.GradientSubspace;
import dev.orrery.optim.ParameterGroup;
import dev.orrery.optim.Replicas;
import dev.orrery.optim.Schedule;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.run.RunState;
import dev.orrery.run.StagedTraining;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/// Both stages of training: questions about pictures, then actions, with questions that go on in
/// the same steps.
final class InternVlaM1Training
        implements StagedTraining.Lessons<InternVlaM1Trainee>, AutoCloseable {

    /// What the exam after stage 1 found, in the run's folder.
    static final String STAGE1 = "grounding-stage1.json";

    private static final int SAVE_EVERY = 250;
    private static final int SUBSPACE = 8, GRADIENTS = 16;
    private static final double LAST = .1, DECAY = 1e-8;

    private final InternVlaM1Config config;
    private final InternVlaM1Data data;
    private final Run run;
    private final Seed seed;
    private final InternVlaM1Trainee trainee;
    private final AdamW seeing, acting;
    private final Ema average;
    private final Schedule looking, share;
    private final long first, steps;
    private final double dense;

    InternVlaM1Training(InternVlaM1Config config, InternVlaM1Data data, Run run) {
        this.config = config;
        this.data = data;
        this.run = run;
        seed = Seed.of(run.seed());
        trainee = build();
        seeing = StagedTraining.optimizer(trainee);
        acting =
                AdamW.grouped(
                        groups(), AdamW.Settings.of(1).withBetas(.9, .95).withWeightDecay(DECAY));
        average = StagedTraining.average(trainee.model);
        looking = StagedTraining.steady(config.spatial().learningRate());
        share = StagedTraining.decaying(1, LAST, config.acting().steps());
        first = config.spatial().steps();
        steps = first + config.acting().steps();
        // where nobody says what pictures show, nothing can be asked about them
        dense = data.labelled() && config.spatial().labelled() ? config.acting().dense() : 0;
    }

    /// Each part at its own rate; the optimiser's own is a share of them.
    private List<ParameterGroup> groups() {
        var parts = trainee.parts();
        var rates = config.acting().rates();
        var groups = new ArrayList<ParameterGroup>();
        groups.addAll(ParameterGroup.decayMatrices(parts.vlm(), rates.vlm()));
        groups.addAll(ParameterGroup.decayMatrices(parts.expert(), rates.expert()));
        groups.addAll(ParameterGroup.decayMatrices(parts.rest(), rates.rest()));
        return groups;
    }

    /// Trains, or goes on with it, and leaves the averaged weights in the run's policy folder, now
    /// and at every save.
    void train() {
        var state =
                RunState.of(trainee)
                        .with("seeing", seeing::stateDict, seeing::load)
                        .with("acting", acting::stateDict, acting::load)
                        .with(average);
        new StagedTraining(run, "internvla-m1", first, steps, SAVE_EVERY)
                .train(trainee, this::build, state, average, this);
    }

    private InternVlaM1Trainee build() {
        return new InternVlaM1Trainee(config.model(), seed.split("weights"));
    }

    @Override
    public AdamW optimizer(long step) {
        boolean acts = step >= first;
        var optimizer = acts ? acting : seeing;
        optimizer.learningRate(acts ? share.at(step - first) : looking.at(step));
        return optimizer;
    }

    @Override
    public List<Report> learn(Replicas<InternVlaM1Trainee> replicas, long step, Seed batch) {
        boolean acts = step >= first;
        if (step == first && first > 0) examine();
        if (acts && config.acting().freezeVlm()) {
            for (int i = 0; i < replicas.count(); i++) replicas.model(i).model.vlm().freeze();
        }
        return replicas.each(share -> {
            var own = batch.split(share);
            return acts ? act(replicas, share, own) : learn(replicas, share, own);
        });
    }

    @Override
    public int fewest() {
        int least = Math.min(config.spatial().batch(), config.acting().batch());
        var asked = config.acting().coTraining();
        return asked.present() ? Math.min(least, asked.batch()) : least;
    }

    @Override
    public void keep(long done) {
        new InternVlaM1Checkpoint(trainee.model, data.robot()).save(InternVlaM1Recipe.folder(run));
    }

    private Report learn(Replicas<InternVlaM1Trainee> replicas, int share, Seed own) {
        try (var _ = TensorScope.open()) {
            var model = replicas.model(share);
            var spatial = config.spatial();
            var asked = data.lessons(replicas.part(share, spatial.batch()), own);
            var outcome = model.ask(asked.lesson(), spatial.labelled(), true, own);
            outcome.loss().backward();
            return outcome.report();
        }
    }

    /// One batch of each loader, one gradient of both.
    private Report act(Replicas<InternVlaM1Trainee> replicas, int share, Seed own) {
        try (var _ = TensorScope.open()) {
            var model = replicas.model(share);
            var wanted = config.acting();
            var batch = data.batch(replicas.part(share, wanted.batch()), own);
            var outcome = model.act(batch, wanted.draws(), dense, own);
            var loss = outcome.loss();
            var report = outcome.report();
            if (wanted.coTraining().present()) {
                int size = replicas.part(share, wanted.coTraining().batch());
                var asked = data.reminders(size, own.split("questions"));
                var reminded = model.ask(asked.lesson(), config.spatial().labelled(), false, own);
                loss = loss.add(reminded.loss(), wanted.coTraining().weight());
                report = report.plus(reminded.report()).plus(report);
            }
            loss.backward();
            return report;
        }
    }

    private void examine() {
        var found =
                GroundingExam.hold(
                        trainee.model,
                        config.evaluation().questions(),
                        Seed.of(run.heldOutSeed()).split("grounding"));
        run.write(STAGE1, found.metrics());
        run.progress()
                .note(
                        "after stage 1: points %.2f, boxes %.2f"
                                .formatted(found.get("point_accuracy"), found.get("box_accuracy")));
    }

    /// How far the subspaces of the gradients of questions and of actions overlap in the
    /// vision-language model, after training: `alignment`, and `alignment_share`, the share of
    /// their squared length that the subspaces hold (the smaller of both). Both are 0 where no
    /// gradient of actions reaches it.
    Report alignment() {
        if (config.model().queries().manner().gradScale() == 0) {
            return Report.of("alignment", 0).with("alignment_share", 0);
        }
        trainee.model.vlm().unfreeze();
        var parameters = trainee.model.vlm().parameters();
        var own = seed.split("alignment");
        var asked = subspace(parameters, b -> ask(own.split("ask").split(b)));
        var done = subspace(parameters, b -> act(own.split("act").split(b)));
        try (var _ = asked.basis();
                var _ = done.basis()) {
            return Report.of("alignment", asked.overlap(done))
                    .with("alignment_share", Math.min(asked.share(), done.share()));
        }
    }

    private static GradientSubspace subspace(List<Tensor> parameters, IntConsumer backward) {
        return GradientSubspace.of(parameters, GRADIENTS, SUBSPACE, backward);
    }

    private void ask(Seed own) {
        var asked = data.reminders(Math.max(1, config.spatial().batch() / 2), own);
        trainee.ask(asked.lesson(), false, false, own).loss().backward();
    }

    private void act(Seed own) {
        var batch = data.batch(Math.max(1, config.acting().batch() / 2), own);
        trainee.act(batch, config.acting().draws(), 0, own).loss().backward();
    }

    @Override
    public void close() {
        trainee.close();
    }
}
