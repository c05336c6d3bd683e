package dev.orrery.system.flowmatching;

import dev.orrery.flow.DataCheck;
import dev.orrery.flow.FlowObjective;
import dev.orrery.flow.LossByTime;
import dev.orrery.flow.LossMask;
import dev.orrery.optim.Adam;
import dev.orrery.optim.Ema;
import dev.orrery.optim.Schedule;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.run.RunState;
import dev.orrery.system.flowmatching.FlowMatchingConfig.Head;
import dev.orrery.tensor.Engine;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.LinkedHashMap;

/// A model while it is being trained, with its optimiser, its averages and what it logs.
final class FlowTraining {

    private static final int LOG_EVERY = 20;

    /// Numbers between two layers up to which meeting for the next operation takes a second thread
    /// longer than its share of this one.
    private static final long ALONE = 1L << 18;

    private final FlowMatchingConfig config;
    private final Run run;
    private final FlowObjective objective;
    private final FlowMatching model;
    private final Schedule schedule;
    private final Adam optimizer;
    private final Ema averages;
    private final LossByTime byTime;

    FlowTraining(FlowMatchingConfig config, Run run) {
        this.config = config;
        this.run = run;
        var training = config.training();
        objective = config.method().objective();
        model = new FlowMatching(config, run.seed("weights"));
        schedule =
                Schedule.cosine(
                        training.learningRate(), training.finalLearningRate(), training.steps());
        optimizer = new Adam(model.parameters(), training.learningRate());
        averages = new Ema(model.namedParameters(), training.ema());
        byTime = new LossByTime(objective.path());
        run.progress().stage("training flow-matching on " + config.setName(), training.steps());
    }

    /// A whole training in one go, nothing saved.
    static FlowMatching whole(FlowMatchingConfig config, Run run) {
        var pupil = new FlowTraining(config, run);
        for (long step = 0; step < config.training().steps(); step++) pupil.step(step);
        return pupil.averaged();
    }

    /// What must be saved to go on.
    RunState state() {
        return RunState.of(model).with(optimizer).with(averages);
    }

    /// One step on samples that belong to its number.
    void step(long step) {
        long numbers = (long) config.training().batch() * config.network().width();
        if (numbers > ALONE) learn(step);
        else Engine.alone(() -> learn(step));
    }

    private void learn(long step) {
        try (var _ = TensorScope.open()) {
            var lesson = Lesson.draw(config, objective, run.seed(step));
            if (step == 0) greet(lesson);
            var output = lesson.answer(model);
            optimizer.learningRate(schedule.at(step));
            var loss = lesson.loss(objective, output);
            var numbers = Report.of("loss", loss.item());
            run.check(step, numbers, run.seed(step));
            optimizer.minimise(loss);
            averages.update();
            if ((step + 1) % LOG_EVERY == 0) {
                run.log(step, numbers);
                lesson.add(byTime, objective, output);
            }
        }
    }

    /// The model with its averaged weights; ends the training.
    FlowMatching averaged() {
        if (config.method().head() == Head.FLOW && !byTime.isEmpty())
            run.progress().note(byTime.toString());
        var weights = new LinkedHashMap<>(model.stateDict());
        weights.putAll(averages.stateDict());
        model.load(weights);
        return model;
    }

    private void greet(Lesson lesson) {
        var check = DataCheck.of(lesson.data());
        check.warning().ifPresent(run.progress()::note);
        double zero = LossByTime.ofZero(objective.path(), 0.5, check.variance());
        run.progress()
                .note(
                        "a network that always answers zero has loss %.3f at t = 0.5"
                                .formatted(zero));
    }

    /// One training batch.
    private record Lesson(
            Tensor data, Tensor condition, FlowObjective.Batch batch, boolean regression) {

        static Lesson draw(FlowMatchingConfig config, FlowObjective objective, Seed seed) {
            var set = config.set();
            int count = config.training().batch();
            var draws = set.draw(count, seed.split(0));
            var data = Tensor.of(draws.data(), count, set.dims());
            var noise = seed.split(1).normal(count, set.dims());
            var coupled = config.method().coupling().couple(noise, data, seed.split(2));
            var times = config.method().timeSampler().draw(count, seed.split(3));
            return new Lesson(
                    data,
                    Tensor.of(draws.conditions(), count, set.conditionDims()),
                    objective.batch(coupled, data, times),
                    config.method().head() == Head.REGRESSION);
        }

        Tensor answer(FlowMatching model) {
            return regression
                    ? model.regress(condition)
                    : model.forward(batch.x(), batch.time(), condition);
        }

        Tensor loss(FlowObjective objective, Tensor output) {
            return regression
                    ? output.sub(data).square().mean()
                    : objective.loss(output, batch, LossMask.everything());
        }

        void add(LossByTime byTime, FlowObjective objective, Tensor output) {
            if (regression) return;
            var losses = objective.perSample(output.detach(), batch, LossMask.everything());
            byTime.add(batch.times(), losses.toFloats(), data.square().mean().item());
        }
    }
}
