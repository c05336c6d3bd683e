package dev.orrery.system.flowmatching;

import dev.orrery.flow.DataCheck;
import dev.orrery.flow.FlowObjective;
import dev.orrery.flow.LossByTime;
import dev.orrery.flow.LossMask;
import dev.orrery.optim.Adam;
import dev.orrery.optim.Ema;
import dev.orrery.optim.Schedule;
import dev.orrery.run.Recipe;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.run.RunState;
import dev.orrery.system.flowmatching.FlowMatchingConfig.Head;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// Trains [FlowMatching] on a [ToySet] whose samples never repeat, then measures samples drawn with
/// the averaged weights.
public final class FlowMatchingRecipe
        implements Recipe.Evaluates<FlowMatchingConfig>, Recipe.Generates<FlowMatchingConfig> {

    private static final int LOG_EVERY = 20;

    @Override
    public String name() {
        return "flow-matching";
    }

    @Override
    public SequencedMap<String, FlowMatchingConfig> presets() {
        var presets = new LinkedHashMap<String, FlowMatchingConfig>();
        presets.put("laptop", FlowMatchingConfig.laptop());
        presets.put("smoke", FlowMatchingConfig.smoke());
        return presets;
    }

    @Override
    public Report run(FlowMatchingConfig config, Run run) {
        var model = train(config, run);
        FlowPicture.write(model, config, run.folder(), Seed.of(run.heldOutSeed()));
        return SampleMeasure.of(model, config, Seed.of(run.heldOutSeed()));
    }

    @Override
    public Report evaluate(FlowMatchingConfig config, Run run) {
        return SampleMeasure.of(restored(config, run), config, Seed.of(run.heldOutSeed()));
    }

    @Override
    public Report generate(FlowMatchingConfig config, Run run, String prompt, Path out) {
        if (!prompt.isEmpty()) {
            throw new IllegalArgumentException(
                    "flow-matching samples a fixed set and takes no prompt, got '%s'"
                            .formatted(prompt));
        }
        FlowPicture.write(restored(config, run), config, out, Seed.of(run.heldOutSeed()));
        return Report.of("samples", config.sampling().samples());
    }

    private static FlowMatching restored(FlowMatchingConfig config, Run run) {
        var model = new FlowMatching(config, Seed.of(0));
        var file = run.checkpoints().load(model);
        config.method().dataAt().require(model.dataAt(), file.toString());
        return model;
    }

    /// Trains and returns the model with its averaged weights.
    static FlowMatching train(FlowMatchingConfig config, Run run) {
        var training = config.training();
        var objective = config.method().objective();
        var model = new FlowMatching(config, run.seed("weights"));
        var schedule =
                Schedule.cosine(
                        training.learningRate(), training.finalLearningRate(), training.steps());
        var optimizer = new Adam(model.parameters(), training.learningRate());
        var averages = new Ema(model.namedParameters(), training.ema());
        var byTime = new LossByTime(objective.path());

        run.progress().stage("training flow-matching on " + config.setName(), training.steps());
        var state = RunState.of(model).with(optimizer).with(averages);
        for (long step = run.resume(state); step < training.steps(); step++) {
            try (var _ = TensorScope.open()) {
                var lesson = Lesson.draw(config, objective, run.seed(step));
                if (step == 0) greet(run, objective, lesson);
                var output = lesson.answer(model);
                optimizer.learningRate(schedule.at(step));
                var loss = lesson.loss(objective, output);
                optimizer.minimise(loss);
                averages.update();
                if ((step + 1) % LOG_EVERY == 0) {
                    run.log(step, "loss", loss.item());
                    lesson.log(byTime, objective, output);
                }
            }
            if (run.every(step, training.saveEvery()) || step + 1 == training.steps()) {
                run.save(step, state);
            }
        }
        if (config.method().head() == Head.FLOW) run.progress().note(byTime.toString());
        adopt(averages, model);
        return model;
    }

    private static void adopt(Ema averages, FlowMatching model) {
        var weights = new LinkedHashMap<>(model.stateDict());
        weights.putAll(averages.stateDict());
        model.load(weights);
    }

    private static void greet(Run run, FlowObjective objective, Lesson lesson) {
        var check = DataCheck.of(lesson.data);
        check.warning().ifPresent(run.progress()::note);
        run.progress()
                .note(
                        "a network that always answers zero has loss %.3f at t = 0.5"
                                .formatted(
                                        LossByTime.ofZero(
                                                objective.path(), 0.5, check.variance())));
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

        void log(LossByTime byTime, FlowObjective objective, Tensor output) {
            if (regression) return;
            var losses = objective.perSample(output.detach(), batch, LossMask.everything());
            byTime.add(batch.times(), losses.to(DType.F32).toFloats(), data.square().mean().item());
        }
    }
}
