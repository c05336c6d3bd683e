package dev.orrery.system.delora;

import dev.orrery.nn.Module;
import dev.orrery.nn.Sequential;
import dev.orrery.run.Need;
import dev.orrery.run.Recipe;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.tensor.Seed;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Trains a base, adapts it to a regression task that differs from what it answers by a change of
/// low rank, and measures what it learned and what it forgot.
public final class DeloraRecipe implements Recipe.Evaluates<DeloraConfig> {

    private static final String BASE = "base.safetensors";
    private static final int LOG_EVERY = 20;

    @Override
    public String name() {
        return "delora";
    }

    @Override
    public SequencedMap<String, DeloraConfig> presets() {
        var presets = new LinkedHashMap<String, DeloraConfig>();
        presets.put("laptop", DeloraConfig.laptop());
        presets.put("smoke", DeloraConfig.smoke());
        presets.put("prolonged", DeloraConfig.prolonged());
        presets.put("lora", DeloraConfig.laptop().with(DeloraConfig.Method.LORA));
        presets.put("full", DeloraConfig.laptop().with(DeloraConfig.Method.FULL));
        return presets;
    }

    @Override
    public List<Need> needs(DeloraConfig config) {
        var task = config.task();
        double hidden = (double) task.width() * task.layers();
        return List.of(
                Need.trained("task", () -> Teaching.network(task, Seed.of(0))),
                Need.numbers("task.samples", task.samples(), 2.0 * task.width()),
                Need.numbers("training.batch", config.training().batch(), hidden));
    }

    @Override
    public Report run(DeloraConfig config, Run run) {
        try (var base = base(config, run);
                var teaching = Teaching.of(config.task(), base, Seed.of(run.seed()));
                var adaptee = new Adaptee(config, base, teaching, run.seed("adaptation"))) {
            adaptee.warnings().forEach(run.progress()::note);
            train(config, run, adaptee);
            return report(teaching, base, adaptee);
        }
    }

    private static void train(DeloraConfig config, Run run, Adaptee adaptee) {
        int steps = config.training().steps();
        run.progress().stage("adapting by " + config.way().method(), steps);
        var state = adaptee.state();
        for (long step = run.resume(state); step < steps; step++) {
            var numbers = Report.of("loss", adaptee.step(step));
            run.check(step, numbers, adaptee.batch(step));
            if ((step + 1) % LOG_EVERY == 0) {
                for (var entry : adaptee.distance().metrics().entrySet()) {
                    numbers = numbers.with(entry.getKey(), entry.getValue());
                }
                run.log(step, numbers);
            }
            if (run.every(step, config.training().saveEvery()) || step + 1 == steps) {
                run.save(step, state);
            }
        }
    }

    @Override
    public Report evaluate(DeloraConfig config, Run run) {
        try (var base = base(config, run);
                var teaching = Teaching.of(config.task(), base, Seed.of(run.seed()));
                var adaptee = new Adaptee(config, base, teaching, run.seed("adaptation"))) {
            run.checkpoints().load(adaptee.module());
            return report(teaching, base, adaptee);
        }
    }

    private static Report report(Teaching teaching, Sequential base, Adaptee adaptee) {
        var errors = adaptee.errors();
        var before = teaching.errors(base);
        var report =
                Report.of("test_error", errors.test())
                        .with("validation_error", errors.validation())
                        .with("source_error", errors.source())
                        .with("unadapted_test_error", before.test())
                        .with("trained", adaptee.trained());
        for (var entry : adaptee.distance().metrics().entrySet()) {
            report = report.with(entry.getKey(), entry.getValue());
        }
        return report;
    }

    /// The base of a run's seed, which is trained once and kept in the run's folder.
    static Sequential base(DeloraConfig config, Run run) {
        var file = run.folder().resolve(BASE);
        if (Files.isRegularFile(file)) {
            var base = Module.unset(() -> Teaching.network(config.task(), Seed.of(0)));
            base.load(file);
            return base;
        }
        run.progress().stage("training the base", config.training().pretraining());
        var base =
                Teaching.pretrained(
                        config,
                        Seed.of(run.seed()),
                        step -> {
                            run.heed("training the base");
                            run.progress().at(step, "");
                        });
        base.save(file);
        return base;
    }
}
