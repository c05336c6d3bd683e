package dev.orrery.catalog;

import dev.orrery.policy.finetune.Finetune;
import dev.orrery.policy.finetune.FinetuneConfig;
import dev.orrery.policy.finetune.Preflight;
import dev.orrery.run.ConfigBinder;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.run.RunState;
import dev.orrery.tensor.Seed;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.DoubleNode;
import tools.jackson.databind.node.ObjectNode;

/// Adapting a published policy as a run, which is stopped, resumed and shown like any other. It is
/// here because it brings together what may not see each other: systems, parts and runs.
public final class FinetuneRun {

    /// The system's name in runs.
    public static final String NAME = "finetune";

    /// Where a run keeps its adapter.
    public static final String ADAPTER = "adapter";

    private static final int LOG_EVERY = 5;

    private FinetuneRun() {}

    /// Opens checkpoint and data and puts an adapter on the policy.
    ///
    /// @param seed of the run
    /// @throws IllegalArgumentException if they do not fit each other; the message says what to
    ///   change
    public static Finetune open(FinetuneConfig config, long seed) {
        var family = Catalog.finetunes(Path.of(config.checkpoint()));
        return new Finetune(config, family.apprentice(config), Seed.of(seed).split("adapter"));
    }

    /// What is there, what it will take. Measures one step; nothing changes.
    public static Preflight preflight(Finetune finetune) {
        finetune.rehearse(Seed.of(0));
        long start = System.nanoTime();
        finetune.rehearse(Seed.of(1));
        return finetune.preflight((System.nanoTime() - start) / 1e9);
    }

    /// The configuration of a run, which may be older than some keys: those have the usual values.
    public static FinetuneConfig stored(JsonNode config) {
        var tree = (ObjectNode) config.deepCopy();
        if (tree.path("training") instanceof ObjectNode training) {
            training.putIfAbsent("augmented", BooleanNode.FALSE);
            training.putIfAbsent("average", DoubleNode.valueOf(0));
        }
        return ConfigBinder.bind(tree, FinetuneConfig.class);
    }

    /// Trains, or goes on, and keeps the adapter in the run's folder at every save.
    public static Report train(Finetune finetune, Run run) {
        var training = finetune.config().training();
        var state =
                RunState.of(finetune.adapter()).with(finetune.optimizer()).with(finetune.average());
        var folder = run.folder().resolve(ADAPTER);
        int steps = training.steps();
        run.progress().stage("adapting", steps);
        for (long step = run.resume(state); step < steps; step++) {
            var batch = run.seed(step);
            double loss = finetune.gradients(batch);
            run.check(step, Report.of("loss", loss), batch);
            finetune.update(step);
            if (step % LOG_EVERY == 0 || step + 1 == steps) run.log(step, "loss", loss);
            if (run.every(step, training.saveEvery()) || step + 1 == steps) {
                finetune.keep(folder);
                run.save(step, state);
            }
        }
        finetune.finish(folder);
        return Report.of("loss", run.logged(steps - 1L).get("loss"))
                .with("steps", steps)
                .with("trained", finetune.adapter().parameterCount());
    }
}
