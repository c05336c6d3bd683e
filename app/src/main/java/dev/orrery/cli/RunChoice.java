package dev.orrery.cli;

import dev.orrery.run.Recipe;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/// The option that says which run of a system is meant.
final class RunChoice {

    @Option(
            names = "--run-dir",
            paramLabel = "DIR",
            description =
                    "Folder of the run; if not given, the newest that orrery train put into runs.")
    private Optional<Path> folder = Optional.empty();

    /// The run that the named folder holds, or the newest one of the system.
    ///
    /// @throws IllegalArgumentException if there is none, or it is of another system
    Run reopen(Recipe<?> recipe) {
        return Run.reopen(folder(recipe, folder), new TerminalProgress());
    }

    /// The folder that was named, or that of the newest run, once it is seen to hold one of the
    /// system.
    static Path folder(Recipe<?> recipe, Optional<Path> named) {
        var found = named.orElseGet(() -> newest(recipe.name()));
        var info = RunInfo.read(found);
        if (!info.system().equals(recipe.name())) {
            throw new IllegalArgumentException(
                    "%s is a run of %s, not of %s".formatted(found, info.system(), recipe.name()));
        }
        return found;
    }

    private static Path newest(String system) {
        try (var all = Files.list(RunOptions.runs())) {
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
                        .formatted(system, RunOptions.runs(), system));
    }
}
