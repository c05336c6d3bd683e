package dev.orrery.system.openvla;

import dev.orrery.optim.AdamW;
import dev.orrery.optim.Ema;
import dev.orrery.optim.GradientClip;
import dev.orrery.optim.ParameterGroup;
import dev.orrery.optim.Replicas;
import dev.orrery.optim.Schedule;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.run.RunState;
import dev.orrery.run.TrainingPrecision;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;

/// The three stages: the towers go to school ([VisionSchool]); the whole model learns what is where
/// and what texts mean ([dev.orrery.policy.tabletop.Perception]); then it learns the action tokens
/// of single frames, while the former goes on at a lower weight.
final class OpenVlaTraining {

    private static final int WARM_UP = 50, SAVE_EVERY = 250, LOG_EVERY = 10;
    private static final double EMA = 0.999, POINTING = 0.5;

    private final OpenVlaConfig config;
    private final OpenVlaData data;
    private final Run run;
    private final Seed seed;
    private final long schooled, first, steps;

    OpenVlaTraining(OpenVlaConfig config, OpenVlaData data, Run run) {
        this.config = config;
        this.data = data;
        this.run = run;
        seed = Seed.of(run.seed());
        schooled = config.school().steps();
        // where nobody says what pictures show, nothing can be asked about them
        first = schooled + (data.labelled() ? config.grounding().steps() : 0);
        steps = first + config.training().steps();
    }

    /// Trains, and leaves the averaged weights in the run's policy folder, now and at every save.
    void train() {
        var weights = seed.split("weights");
        var trainee = new OpenVlaTrainee(config.model(), data.tokens(), weights);
        var optimizer =
                AdamW.grouped(
                        ParameterGroup.decayMatrices(trainee.namedParameters()),
                        AdamW.Settings.of(config.training().learningRate()).withBetas(.9, .95));
        var ema = new Ema(trainee.model.namedParameters(), EMA);
        var state = RunState.of(trainee).with(optimizer).with(ema);
        var precision = config.training().precision();
        TrainingPrecision.say(precision, run.progress());
        run.progress().stage("training openvla", steps);
        var clip = GradientClip.norm(1);
        try (var _ = trainee;
                var replicas =
                        Replicas.of(
                                trainee,
                                () -> new OpenVlaTrainee(config.model(), data.tokens(), weights))) {
            for (long step = run.resume(state); step < steps; step++) {
                optimizer.learningRate(rate(step));
                var batchSeed = seed.split("batch").split(step);
                boolean acts = step >= first, looks = step < schooled;
                var numbers =
                        Report.mean(
                                replicas.each(share -> {
                                    var part = new Part(replicas, share, batchSeed.split(share));
                                    return precision.apply(() ->
                                            acts ? act(part) : looks ? learn(part) : ground(part));
                                }));
                run.check(step, numbers, batchSeed);
                replicas.gather();
                clip.apply(optimizer.parameters());
                optimizer.step();
                optimizer.clearGradients();
                if (acts) ema.updateAfter(step - first);
                else ema.update(0);
                if (step % LOG_EVERY == 0) run.log(step, numbers);
                if (run.every(step, SAVE_EVERY) || step + 1 == steps) {
                    keep(trainee.model, ema);
                    run.save(step, state);
                }
            }
            keep(trainee.model, ema);
        }
    }

    private void keep(OpenVla model, Ema ema) {
        try (var _ = ema.applied()) {
            new OpenVlaCheckpoint(model, data.robot(), data.isCropped())
                    .save(OpenVlaRecipe.folder(run));
        }
    }

    /// School and grounding with a warm-up each at a constant rate, then another warm-up and a
    /// cosine.
    private double rate(long step) {
        if (step < schooled) {
            return Schedule.constant(config.school().learningRate()).after(WARM_UP).at(step);
        }
        if (step < first) {
            return Schedule.constant(config.grounding().learningRate())
                    .after(WARM_UP)
                    .at(step - schooled);
        }
        var training = config.training();
        int acting = training.steps(), warmUp = Math.min(WARM_UP, acting / 2);
        return Schedule.warmupCosine(training.learningRate(), training.lastRate(), warmUp, acting)
                .at(step - first);
    }

    /// One core's part of a step.
    ///
    /// @param trainee whose gradients it leaves
    /// @param count into how many parts a batch is split
    /// @param seed of what it draws
    private record Part(OpenVlaTrainee trainee, int count, Seed seed) {

        Part(Replicas<OpenVlaTrainee> replicas, int share, Seed seed) {
            this(replicas.model(share), replicas.count(), seed);
        }
    }

    private Report learn(Part part) {
        try (var _ = TensorScope.open()) {
            int size = config.school().batch() / part.count;
            var trainee = part.trainee;
            var lesson = trainee.school.forward(trainee.model, data.scenes(size, part.seed));
            lesson.loss().backward();
            return lesson.report();
        }
    }

    private Report ground(Part part) {
        try (var _ = TensorScope.open()) {
            int size = config.grounding().batch() / part.count;
            var batch = data.batch(size, POINTING, part.seed);
            var trainee = part.trainee;
            var known =
                    trainee.perception.know(trainee.model.insight(batch.prompt()), batch.labels());
            known.loss().backward();
            return Report.of("grounding", known.loss().item()).plus(known.report());
        }
    }

    private Report act(Part part) {
        try (var _ = TensorScope.open()) {
            var training = config.training();
            int size = training.batch() / part.count;
            var batch = data.batch(size, part.seed);
            var trainee = part.trainee;
            var lesson =
                    trainee.model.lesson(
                            batch.prompt(),
                            batch.actions(),
                            batch.ids(),
                            batch.real(),
                            training.spread());
            var report = report(lesson.loss());
            double weight = config.grounding().weight();
            if (weight == 0 || !data.labelled()) {
                lesson.loss().loss().backward();
                return report;
            }
            var known = trainee.perception.know(lesson.insight(), batch.labels());
            lesson.loss().loss().add(known.loss(), weight).backward();
            return report.plus(known.report());
        }
    }

    /// The numbers of a step.
    static Report report(OpenVla.Loss loss) {
        return Report.of("loss", loss.loss().item())
                .with("accuracy", loss.accuracy().item())
                .with("error", loss.error().item());
    }
}
