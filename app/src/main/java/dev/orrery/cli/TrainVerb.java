package dev.orrery.cli;

import dev.orrery.catalog.Catalog;
import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.data.DatasetException;
import dev.orrery.run.Recipe;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "train",
        description = "Train a system and measure it.",
        mixinStandardHelpOptions = true)
final class TrainVerb implements Callable<Integer> {

    @Mixin private Console console;
    @Mixin private RunOptions options;

    @Parameters(paramLabel = "SYSTEM", description = "A system; see: orrery list")
    private String system;

    @Option(
            names = "--resume",
            description = "Go on with the run in --run-dir, or with the newest of the system.")
    private boolean resume;

    @Option(
            names = {"--data", "--video"},
            paramLabel = "PATH",
            description =
                    "Learn from this instead of own data: a LeRobot data set (pi0, openvla), or a "
                            + "folder of videos or an .orv file (genie; see docs/formats/clips.md).")
    private Optional<Path> data = Optional.empty();

    @Override
    public Integer call() {
        return train(Catalog.ready(system).recipe());
    }

    private <C extends Record> int train(Recipe<C> recipe) {
        if (resume) {
            if (data.isPresent())
                throw new IllegalArgumentException(
                        "a run that goes on keeps its data; leave out --data");
            try (var run = options.reopen(recipe)) {
                return train(recipe, RunOptions.config(recipe, run), run);
            }
        }
        data.ifPresent(folder -> options.set(key(recipe), existing(folder)));
        var resolved = options.resolve(recipe);
        try (var run = options.create(recipe, resolved)) {
            try {
                return train(recipe, resolved.config(), run);
            } catch (IllegalArgumentException | DatasetException | CheckpointException e) {
                run.abandon();
                throw e;
            }
        }
    }

    private static Path existing(Path folder) {
        if (!Files.exists(folder))
            throw new IllegalArgumentException("--data: there is no folder " + folder);
        return folder.toAbsolutePath().normalize();
    }

    private static String key(Recipe<?> recipe) {
        if (recipe instanceof Recipe.LearnsFromData<?> learner) return learner.dataKey();
        throw new IllegalArgumentException(
                "%s makes its own data; leave out --data".formatted(recipe.name()));
    }

    private <C extends Record> int train(Recipe<C> recipe, C config, Run run) {
        try (var _ = Interrupt.stops(run)) {
            run.progress().note("run: %s (seed %d)".formatted(run.folder(), run.seed()));
            var report = recipe.run(config, run);
            run.finish(report);
            run.progress().end();
            print(console, run, report);
            return Main.DONE;
        }
    }

    static void print(Console console, Run run, Report report) {
        var view = new LinkedHashMap<String, Object>();
        view.put("system", run.info().system());
        view.put("run", run.folder().toString());
        view.put("seed", run.seed());
        view.put("metrics", report.metrics());
        var rows =
                report.metrics().entrySet().stream()
                        .map(e -> java.util.List.of(e.getKey(), "%.6g".formatted(e.getValue())))
                        .toList();
        console.result(view, Console.table(rows));
    }
}
