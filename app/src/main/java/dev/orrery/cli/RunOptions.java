package dev.orrery.cli;

import dev.orrery.run.ConfigBinder;
import dev.orrery.run.Recipe;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/// The options that say what to run and where.
final class RunOptions {

    @Option(names = "--preset", paramLabel = "NAME", description = "A named configuration.")
    private Optional<String> preset = Optional.empty();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = {
                "JSON laid over the preset; the config.json of a run runs it again.",
                "Given several times, the later file counts."
            })
    private List<Path> configs = new ArrayList<>();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "One value laid over both, such as training.steps=200.")
    private List<String> sets = new ArrayList<>();

    @Option(names = "--seed", paramLabel = "N", description = "Seed of everything random.")
    private Optional<Long> seed = Optional.empty();

    @Option(
            names = "--run-dir",
            paramLabel = "DIR",
            description = "Folder of the run; runs/SYSTEM-TIME if not given.")
    private Optional<Path> folder = Optional.empty();

    /// Lays one more value over the configuration, as `--set` does.
    void set(String key, Path value) {
        sets.add(key + "=" + value);
    }

    /// The configuration that the options ask for.
    <C extends Record> ConfigBinder.Resolved<C> resolve(Recipe<C> recipe) {
        return ConfigBinder.resolve(recipe, new ConfigBinder.Request(preset, configs, sets));
    }

    /// A new run of this configuration.
    <C extends Record> Run create(Recipe<C> recipe, ConfigBinder.Resolved<C> resolved) {
        var info =
                RunInfo.now(
                        recipe.name(),
                        resolved.preset(),
                        seed.or(resolved::seed).orElse(0L),
                        resolved.config());
        return Run.create(folder(recipe.name()), info, new TerminalProgress());
    }

    /// The run that the named folder holds, or the newest one of the system.
    ///
    /// @throws IllegalArgumentException if there is none, it is of another system, or the options
    ///   ask for another configuration or seed
    Run reopen(Recipe<?> recipe) {
        var found = folder.orElseGet(() -> newest(recipe.name()));
        var info = RunInfo.read(found);
        if (!info.system().equals(recipe.name())) {
            throw new IllegalArgumentException(
                    "%s is a run of %s, not of %s".formatted(found, info.system(), recipe.name()));
        }
        if (preset.isPresent() || !configs.isEmpty() || !sets.isEmpty()) {
            throw new IllegalArgumentException(
                    "%s has its configuration already; leave out --preset, --config and --set"
                            .formatted(found));
        }
        return Run.reopen(found, new TerminalProgress());
    }

    /// The seed asked for on the command line.
    Optional<Long> seed() {
        return seed;
    }

    /// The folder asked for, or a new one named for the time.
    Path folder(String name) {
        return folder.orElseGet(() -> runs().resolve(name + "-" + now()));
    }

    /// The configuration stored in a run; keys that came later have the value of its preset.
    static <C extends Record> C config(Recipe<C> recipe, Run run) {
        var preset = Optional.of(run.info().preset()).filter(recipe.presets()::containsKey);
        var file = List.of(run.folder().resolve(RunInfo.FILE));
        return ConfigBinder.resolve(recipe, new ConfigBinder.Request(preset, file, List.of()))
                .config();
    }

    /// Where runs are kept: `runs` in `ORRERY_HOME`, else in the current folder.
    static Path runs() {
        return Path.of(Optional.ofNullable(System.getenv("ORRERY_HOME")).orElse("."))
                .resolve("runs")
                .normalize();
    }

    private static Path newest(String system) {
        try (var all = Files.list(runs())) {
            return all.filter(f -> f.getFileName().toString().matches(system + "-\\d{8}-\\d{6}"))
                    .max(Path::compareTo)
                    .orElseThrow(() -> noRun(system));
        } catch (java.io.IOException _) {
            throw noRun(system);
        }
    }

    private static IllegalArgumentException noRun(String system) {
        return new IllegalArgumentException(
                "there is no run of %s in %s; train one (orrery train %s) or name its --run-dir"
                        .formatted(system, runs(), system));
    }

    private static String now() {
        return LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
    }
}
