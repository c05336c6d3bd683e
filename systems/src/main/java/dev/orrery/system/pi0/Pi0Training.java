package dev.orrery.system.pi0;

import dev.orrery.optim.AdamW;
import dev.orrery.optim.Replicas;
import dev.orrery.optim.Schedule;
import dev.orrery.policy.tabletop.Grounding;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.run.RunState;
import dev.orrery.run.StagedTraining;
import dev.orrery.run.TrainingPrecision;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.util.List;

/// The two stages: 0 asks what is where and what texts mean, 1 learns actions, while the questions
/// go on at a lower weight.
final class Pi0Training implements StagedTraining.Lessons<Pi0Trainee>, AutoCloseable {

    private static final int SAVE_EVERY = 500;
    private static final double POINTING = 0.5;

    private final Pi0Config config;
    private final Pi0Data data, questions;
    private final Run run;
    private final Pi0Trainee trainee;
    private final AdamW optimizer;
    private final Schedule rate;
    private final long first;

    /// @param questions what stage 0 asks about
    Pi0Training(Pi0Config config, Pi0Data data, Pi0Data questions, Run run) {
        this.config = config;
        this.data = data;
        this.questions = questions;
        this.run = run;
        trainee = build();
        optimizer = StagedTraining.optimizer(trainee);
        first = config.grounding().steps();
        double peak = config.training().learningRate();
        rate =
                StagedTraining.steady(config.grounding().learningRate())
                        .then(
                                first,
                                StagedTraining.decaying(
                                        peak, peak / 10, config.training().steps()));
    }

    private Pi0Trainee build() {
        return new Pi0Trainee(config, Seed.of(run.seed()).split("weights"));
    }

    /// Trains, and leaves the averaged weights in the run's policy folder, now and at every save.
    void train() {
        TrainingPrecision.say(config.training().precision(), run.progress());
        var average = StagedTraining.average(trainee.pi0);
        long steps = first + config.training().steps();
        new StagedTraining(run, "pi0", first, steps, SAVE_EVERY)
                .train(
                        trainee,
                        this::build,
                        RunState.of(trainee).with(optimizer).with(average),
                        average,
                        this);
    }

    @Override
    public AdamW optimizer(long step) {
        optimizer.learningRate(rate.at(step));
        return optimizer;
    }

    @Override
    public List<Report> learn(Replicas<Pi0Trainee> replicas, long step, Seed batch) {
        boolean flow = step >= first;
        return replicas.each(share ->
                config.training()
                        .precision()
                        .apply(() ->
                                flow
                                        ? act(replicas, share, batch)
                                        : ground(replicas, share, batch)));
    }

    @Override
    public int fewest() {
        return Math.min(config.grounding().batch(), config.training().batch());
    }

    @Override
    public void keep(long done) {
        Pi0Checkpoint.tabletop(trainee.pi0, config.training(), data).save(Pi0Recipe.folder(run));
        if (done > first) Pi0Snapshots.of(run.folder()).keep(done, trainee.pi0);
    }

    @Override
    public void close() {
        trainee.close();
    }

    private Report ground(Replicas<Pi0Trainee> replicas, int share, Seed batchSeed) {
        try (var _ = TensorScope.open()) {
            int size = replicas.part(share, config.grounding().batch());
            var batch = questions.batch(size, POINTING, batchSeed.split(share));
            var model = replicas.model(share);
            var embedded = model.pi0.embed(batch.prompt());
            var prefix = model.pi0.encode(embedded);
            var result = model.ask(embedded, prefix, batch.labels());
            var reported = report(Report.of("grounding", result.loss().item()), result);
            if (config.grounding().gaze() == 0) {
                result.loss().backward();
                return reported;
            }
            var seen = model.pi0.observe(prefix, batch.state());
            var way = model.way(embedded, seen, batch.labels());
            result.loss().add(way.loss()).backward();
            return reported.plus(way.numbers());
        }
    }

    private Report act(Replicas<Pi0Trainee> replicas, int share, Seed batchSeed) {
        try (var _ = TensorScope.open()) {
            var training = config.training();
            int size = replicas.part(share, training.batch());
            var own = batchSeed.split(share);
            var batch = data.batch(size, 0, own);
            var model = replicas.model(share);
            var pi0 = model.pi0;
            var embedded = pi0.embed(batch.prompt());
            var prefix = pi0.encode(embedded);
            var seen = pi0.observe(prefix, batch.state());
            var options = new ActionHead.Options(training.draws(), training.times(), data.codec());
            var loss =
                    training.visibility() == Pi0.Visibility.BLOCKWISE
                            ? training.head().loss(pi0, seen, batch, options, own)
                            : MaskedFlow.loss(
                                    pi0, batch, training.times(), training.visibility(), own);
            if (!data.labelled()) {
                loss.backward();
                return Report.of("loss", loss.item());
            }
            var grounding = model.ask(embedded, prefix, batch.labels());
            var reported = report(Report.of("loss", loss.item()), grounding);
            if (config.model().variant() == Pi0Variant.PI05) {
                loss.add(grounding.loss(), training.grounding()).backward();
                return reported;
            }
            var way = model.way(embedded, seen, batch.labels());
            loss.add(grounding.loss().add(way.loss()), training.grounding()).backward();
            return reported.plus(way.numbers());
        }
    }

    private static Report report(Report report, Grounding.Result result) {
        return report.with("named", result.named().item())
                .with("mentioned", result.mentioned().item())
                .with("pointing", result.pointing().item());
    }
}
