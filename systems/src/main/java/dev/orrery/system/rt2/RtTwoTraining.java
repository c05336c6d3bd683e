package dev.orrery.system.rt2;

import dev.orrery.data.Mixture;
import dev.orrery.optim.AdamW;
import dev.orrery.optim.Replicas;
import dev.orrery.optim.Schedule;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.run.RunState;
import dev.orrery.run.StagedTraining;
import dev.orrery.system.rt2.RtTwoConfig.Training;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The two stages. W asks questions; R shows robot frames, and goes on asking where it
/// co-fine-tunes.
///
/// Beside the losses it tells, from beginning to end, how many held-out questions are answered
/// rightly and how much of the model wanted to say something that is no action.
final class RtTwoTraining implements StagedTraining.Lessons<RtTwoTrainee>, AutoCloseable {

    private static final int SAVE_EVERY = 250, PROBE_EVERY = 50;
    private static final int PROBED = 64;

    private final RtTwoConfig config;
    private final RtTwoData data;
    private final Run run;
    private final Seed seed;
    private final Mixture mixture;
    private final QuestionProbe probe;
    private final long first, steps;
    private final RtTwoTrainee trainee;
    private final AdamW optimizer;
    private final Schedule rate;

    /// The share of questions that were answered rightly at the end of stage W.
    private double level;

    RtTwoTraining(RtTwoConfig config, RtTwoData data, Run run) {
        this.config = config;
        this.data = data;
        this.run = run;
        seed = Seed.of(run.seed());
        mixture = data.mixture(seed.split("mixture").key());
        probe = new QuestionProbe(RtTwoData.questions(config, data.words()), run.heldOutSeed());
        first = config.web().steps();
        steps = first + config.training().steps();
        trainee = build();
        optimizer = StagedTraining.optimizer(trainee);
        rate = rate();
    }

    private RtTwoTrainee build() {
        return new RtTwoTrainee(config.model(), data.words(), seed.split("weights"));
    }

    /// Trains, and leaves the averaged weights in the run's policy folder, now and at every save.
    void train() {
        var average = StagedTraining.average(trainee.model);
        var state =
                RunState.of(trainee)
                        .with(optimizer)
                        .with(average)
                        .with("progress", this::progress, this::restore);
        new StagedTraining(run, "rt-2", first, steps, SAVE_EVERY)
                .train(trainee, this::build, state, average, this);
    }

    @Override
    public AdamW optimizer(long step) {
        optimizer.learningRate(rate.at(step));
        return optimizer;
    }

    @Override
    public List<Report> learn(Replicas<RtTwoTrainee> replicas, long step, Seed batch) {
        if (step == first) level = accuracy(config.evaluation().questions());
        return step >= first ? act(replicas) : ask(replicas, step, batch);
    }

    @Override
    public Report watched(long step, Report numbers) {
        boolean probes = step % PROBE_EVERY == 0 || step + 1 == steps;
        return probes ? numbers.with("question_accuracy", accuracy(PROBED)) : numbers;
    }

    @Override
    public int fewest() {
        return Math.min(config.web().batch(), config.training().batch());
    }

    @Override
    public void keep(long done) {
        new RtTwoCheckpoint(trainee.model, data.bins(), level).save(RtTwoRecipe.folder(run));
    }

    @Override
    public void close() {
        trainee.close();
    }

    private Map<String, Tensor> progress() {
        var drawn = mixture.state();
        return Map.of(
                "mixture", Tensor.of(drawn, drawn.length),
                "level", Tensor.of(new double[] {level}, 1));
    }

    private void restore(Map<String, Tensor> state) {
        mixture.restore(state.get("mixture").toLongs());
        level = state.get("level").to(DType.F64).item();
    }

    private double accuracy(int questions) {
        return switch (trainee.model) {
            case RtTwo vla -> probe.accuracy(vla, questions);
            case FilmConv _ -> 0;
        };
    }

    /// A share's part of a batch: the items from `i · size / count` on.
    private List<Report> act(Replicas<RtTwoTrainee> replicas) {
        var training = config.training();
        var picks =
                training.data() == Training.Data.CO_FINE_TUNE
                        ? mixture.next(training.batch())
                        : mixture.only(RtTwoData.ROBOT, training.batch());
        return learn(replicas, picks, training.grounding(), training.spread());
    }

    private List<Report> ask(Replicas<RtTwoTrainee> replicas, long step, Seed batch) {
        var web = config.web();
        var picks = new ArrayList<Mixture.Pick>();
        for (int i = 0; i < web.batch(); i++) {
            var own = batch.split(i).key();
            picks.add(new Mixture.Pick(RtTwoData.ROBOT + 1, step * web.batch() + i, own));
        }
        return learn(replicas, picks, web.grounding(), 0);
    }

    private List<Report> learn(
            Replicas<RtTwoTrainee> replicas,
            List<Mixture.Pick> picks,
            double dense,
            double spread) {
        int count = replicas.count();
        return replicas.each(share -> {
            try (var _ = TensorScope.open()) {
                int from = share * picks.size() / count, to = (share + 1) * picks.size() / count;
                var part = data.batch(picks.subList(from, to));
                return replicas.model(share).learn(part, dense, spread);
            }
        });
    }

    /// Stage W with a warm-up at a constant rate, then another warm-up and a cosine.
    private Schedule rate() {
        var training = config.training();
        return StagedTraining.steady(config.web().learningRate())
                .then(
                        first,
                        StagedTraining.decaying(
                                training.learningRate(), training.lastRate(), training.steps()));
    }
}
