package dev.orrery.cli;

import dev.orrery.run.ConfigBinder;
import dev.orrery.run.Need;
import dev.orrery.run.Recipe;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options that say what to run and where.
final class RunOptions {

    @Mixin private ConfigOptions config = new ConfigOptions();

    @Option(names = "--seed", paramLabel = "N", description = "Seed of everything random.")
    private Optional<Long> seed = Optional.empty();

    @Option(
            names = "--run-dir",
            paramLabel = "DIR",
            description = "Folder of the run; runs/SYSTEM-TIME if not given.")
    private Optional<Path> folder = Optional.empty();

    /// Lays one more value over the configuration, as `--set` does.
    void set(String key, Path value) {
        config.set(key, value);
    }

    /// The configuration that the options ask for.
    ///
    /// @throws IllegalArgumentException if it is none, or one that this machine cannot hold
    <C extends Record> ConfigBinder.Resolved<C> resolve(Recipe<C> recipe) {
        var resolved = config.resolve(recipe);
        Need.check(recipe, resolved.config());
        return resolved;
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
        var found = RunChoice.folder(recipe, folder);
        if (config.given()) {
            throw new IllegalArgumentException(
                    "%s has its configuration already; leave out --preset, --config and --set"
                            .formatted(found));
        }
        long its = RunInfo.read(found).seed();
        if (seed.isPresent() && seed.get() != its) {
            throw new IllegalArgumentException(
                    "%s has the seed %d; leave out --seed, or begin a run of another in another --run-dir"
                            .formatted(found, its));
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

    private static String now() {
        return LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
    }
}
