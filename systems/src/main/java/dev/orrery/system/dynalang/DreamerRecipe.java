package dev.orrery.system.dynalang;

import dev.orrery.run.Need;
import dev.orrery.run.Recipe;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.system.dynalang.DynalangConfig.Reading;
import dev.orrery.system.dynalang.DynalangConfig.View;
import dev.orrery.system.dynalang.DynalangConfig.World;
import dev.orrery.worldmodel.Form;
import dev.orrery.worldmodel.Imagined;
import dev.orrery.worldmodel.Imagines;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// DreamerV3: the same agent in worlds without words.
public final class DreamerRecipe
        implements Recipe.Evaluates<DynalangConfig>, Recipe.Generates<DynalangConfig>, Imagines {

    /// Rate of the actor where pictures are long not seen: a policy as fast as its model has made
    /// up its mind before there is anything to see. It is the published rate, ten times of which
    /// the model has.
    static final double PATIENT = .1;

    @Override
    public String name() {
        return "dreamerv3";
    }

    @Override
    public SequencedMap<String, DynalangConfig> presets() {
        var presets = new LinkedHashMap<String, DynalangConfig>();
        var laptop = DynalangConfig.nano(cartPole(), 20_000, 64);
        var hasty = DynalangConfig.nano(catching(), 30_000, 64);
        var catching = hasty.with(hasty.training().withActor(PATIENT));
        presets.put("laptop", laptop);
        presets.put("catch", catching);
        presets.put(
                "smoke",
                catching.with(new DynalangConfig.Training(1_200, 8, 8, 16, 64, 4e-4, 50, 100))
                        .with(new DynalangConfig.Evaluation(64)));
        presets.put("catch-2023", old(catching));
        return presets;
    }

    static World cartPole() {
        return new World("cartpole", "plain", View.SYMBOLS, Reading.NONE);
    }

    static World catching() {
        return new World("catch", "plain", View.PIXELS, Reading.NONE);
    }

    private static DynalangConfig old(DynalangConfig config) {
        var t = config.training();
        return config.with(Form.V2023)
                .with(
                        new DynalangConfig.Training(
                                t.steps(),
                                t.worlds(),
                                t.batch(),
                                t.length(),
                                t.ratio(),
                                t.learningRate(),
                                0,
                                t.saveEvery(),
                                t.precision(),
                                t.actorShare()));
    }

    @Override
    public List<Need> needs(DynalangConfig config) {
        return config.needs();
    }

    @Override
    public Report run(DynalangConfig config, Run run) {
        return DynalangRecipe.trained(config, run);
    }

    @Override
    public Report evaluate(DynalangConfig config, Run run) {
        return Exam.of(Training.restored(config, run), config, run.heldOutSeed());
    }

    /// Writes what the agent sees and imagines from an unseen start: `imagination.gif`, and the
    /// same as an imagination file of the run.
    @Override
    public Report generate(DynalangConfig config, Run run, String prompt, Path out) {
        if (!prompt.isBlank()) {
            throw new IllegalArgumentException(
                    "dreamerv3 cannot read '%s': its worlds have no words; leave the prompt out, or use dynalang"
                            .formatted(prompt));
        }
        return new DynalangRecipe().generate(config, run, prompt, out);
    }

    @Override
    public Asking asking(Path run) {
        return Foresight.asking(run);
    }

    @Override
    public Imagined imagine(Path run, long start, List<String> hints) {
        return Foresight.of(run, start, hints);
    }
}
