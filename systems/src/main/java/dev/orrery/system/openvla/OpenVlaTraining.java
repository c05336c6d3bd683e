package dev.orrery.system.openvla;

import dev.orrery.optim.AdamW;
import dev.orrery.optim.Replicas;
import dev.orrery.optim.Schedule;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.run.RunState;
import dev.orrery.run.StagedTraining;
import dev.orrery.run.TrainingPrecision;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.util.List;

/// The three stages: the towers go to school ([VisionSchool]); the whole model learns what is where
/// and what texts mean ([dev.orrery.policy.tabletop.Perception]); then it learns the action tokens
/// of single frames, while the former goes on at a lower weight.
final class OpenVlaTraining implements StagedTraining.Lessons<OpenVlaTrainee>, AutoCloseable {

    private static final int SAVE_EVERY = 250;
    private static final double POINTING = 0.5;

    private final OpenVlaConfig config;
    private final OpenVlaData data;
    private final Run run;
    private final OpenVlaTrainee trainee;
    private final AdamW optimizer;
    private final Schedule rate;
    private final long schooled, first;

    OpenVlaTraining(OpenVlaConfig config, OpenVlaData data, Run run) {
        this.config = config;
        this.data = data;
        this.run = run;
        trainee = build();
        optimizer = StagedTraining.optimizer(trainee);
        schooled = config.school().steps();
        // where nobody says what pictures show, nothing can be asked about them
        first = schooled + (data.labelled() ? config.grounding().steps() : 0);
        var acting = config.training();
        rate =
                StagedTraining.steady(config.school().learningRate())
                        .then(
                                schooled,
                                StagedTraining.steady(config.grounding().learningRate())
                                        .then(
                                                first - schooled,
                                                StagedTraining.decaying(
                                                        acting.learningRate(),
                                                        acting.lastRate(),
                                                        acting.steps())));
    }

    private OpenVlaTrainee build() {
        return new OpenVlaTrainee(
                config.model(), data.tokens(), Seed.of(run.seed()).split("weights"));
    }

    /// Trains, and leaves the averaged weights in the run's policy folder, now and at every save.
    void train() {
        TrainingPrecision.say(config.training().precision(), run.progress());
        var average = StagedTraining.average(trainee.model);
        long steps = first + config.training().steps();
        new StagedTraining(run, "openvla", first, steps, SAVE_EVERY)
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
    public List<Report> learn(Replicas<OpenVlaTrainee> replicas, long step, Seed batch) {
        boolean acts = step >= first, looks = step < schooled;
        return replicas.each(share -> {
            var part = new Part(replicas, share, batch.split(share));
            return config.training()
                    .precision()
                    .apply(() -> acts ? act(part) : looks ? learn(part) : ground(part));
        });
    }

    @Override
    public int fewest() {
        int first = Math.min(config.school().batch(), config.grounding().batch());
        return Math.min(first, config.training().batch());
    }

    @Override
    public void keep(long done) {
        var habit = new OpenVlaCheckpoint.Habit(data.isCropped(), config.evaluation().reading());
        new OpenVlaCheckpoint(trainee.model, data.robot(), habit).save(OpenVlaRecipe.folder(run));
    }

    @Override
    public void close() {
        trainee.close();
    }

    /// One core's part of a step.
    ///
    /// @param seed of what it draws
    private record Part(Replicas<OpenVlaTrainee> replicas, int share, Seed seed) {

        OpenVlaTrainee trainee() {
            return replicas.model(share);
        }

        int of(int batch) {
            return replicas.part(share, batch);
        }
    }

    private Report learn(Part part) {
        try (var _ = TensorScope.open()) {
            int size = part.of(config.school().batch());
            var trainee = part.trainee();
            var lesson = trainee.school.forward(trainee.model, data.scenes(size, part.seed));
            lesson.loss().backward();
            return lesson.report();
        }
    }

    private Report ground(Part part) {
        try (var _ = TensorScope.open()) {
            int size = part.of(config.grounding().batch());
            var batch = data.batch(size, POINTING, part.seed);
            var trainee = part.trainee();
            var known =
                    trainee.perception.know(
                            trainee.model.insight(batch.prompt(), batch.ids()), batch.labels());
            known.loss().backward();
            return Report.of("grounding", known.loss().item()).plus(new Report(known.numbers()));
        }
    }

    private Report act(Part part) {
        try (var _ = TensorScope.open()) {
            var training = config.training();
            int size = part.of(training.batch());
            var batch = data.batch(size, part.seed);
            var trainee = part.trainee();
            var model = trainee.model;
            double weight = config.grounding().weight(), spread = training.spread();
            if (weight == 0 || !data.labelled()) {
                var loss =
                        model.loss(
                                batch.prompt(), batch.actions(), batch.ids(), batch.real(), spread);
                loss.loss().backward();
                return report(loss);
            }
            var lesson =
                    model.lesson(
                            batch.prompt(), batch.actions(), batch.ids(), batch.real(), spread);
            var known = trainee.perception.know(lesson.insight(), batch.labels());
            lesson.loss().loss().add(known.loss(), weight).backward();
            return report(lesson.loss()).plus(new Report(known.numbers()));
        }
    }

    /// The numbers of a step.
    private static Report report(OpenVla.Loss loss) {
        return Report.of("loss", loss.loss().item())
                .with("accuracy", loss.accuracy().item())
                .with("error", loss.error().item());
    }
}
