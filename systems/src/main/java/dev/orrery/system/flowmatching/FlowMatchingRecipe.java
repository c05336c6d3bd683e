package dev.orrery.system.flowmatching;

import dev.orrery.run.Need;
import dev.orrery.run.Recipe;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.tensor.Seed;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Trains [FlowMatching] on a [ToySet] whose samples never repeat, then measures samples drawn with
/// the averaged weights.
public final class FlowMatchingRecipe
        implements Recipe.Evaluates<FlowMatchingConfig>, Recipe.Generates<FlowMatchingConfig> {

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
    public List<Need> needs(FlowMatchingConfig config) {
        var network = config.network();
        double hidden = (double) network.width() * network.layers();
        return List.of(
                Need.trained("network", () -> new FlowMatching(config, Seed.of(0))),
                Need.numbers("training.batch", config.training().batch(), hidden),
                Need.numbers("sampling.samples", config.sampling().samples(), network.width()));
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

    /// Trains, saving and going on where a saved run stopped; the model has averaged weights.
    static FlowMatching train(FlowMatchingConfig config, Run run) {
        var pupil = new FlowTraining(config, run);
        var state = pupil.state();
        int steps = config.training().steps();
        for (long step = run.resume(state); step < steps; step++) {
            pupil.step(step);
            if (run.every(step, config.training().saveEvery()) || step + 1 == steps) {
                run.save(step, state);
            }
        }
        return pupil.averaged();
    }
}
