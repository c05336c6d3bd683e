package dev.orrery.cli;

import dev.orrery.run.ConfigBinder;
import dev.orrery.run.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/// The options that say what to run.
final class ConfigOptions {

    @Option(names = "--preset", paramLabel = "NAME", description = "A named configuration.")
    private Optional<String> preset = Optional.empty();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "JSON laid over the preset; the config.json of a run runs it again. "
                            + "Given several times, the later file counts.")
    private List<Path> configs = new ArrayList<>();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "One value laid over both, such as training.steps=200.")
    private List<String> sets = new ArrayList<>();

    /// Lays one more value over the configuration, as `--set` does.
    void set(String key, Path value) {
        sets.add(key + "=" + value);
    }

    /// The configuration that the options ask for.
    <C extends Record> ConfigBinder.Resolved<C> resolve(Recipe<C> recipe) {
        return ConfigBinder.resolve(recipe, new ConfigBinder.Request(preset, configs, sets));
    }

    /// Whether any was given.
    boolean given() {
        return preset.isPresent() || !configs.isEmpty() || !sets.isEmpty();
    }
}
