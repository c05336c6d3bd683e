package dev.orrery.cli;

import dev.orrery.run.Recipe;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/// The option that says which run of a system is meant.
final class RunChoice {

    @Option(
            names = "--run-dir",
            paramLabel = "DIR",
            description = "Folder of the run; if not given, the system's newest in runs.")
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
        return of(system).stream().findFirst().orElseThrow(() -> noRun(system));
    }

    /// The runs of a system that lie in the folder of runs, the newest first.
    static List<Path> of(String system) {
        return of(system, RunOptions.runs());
    }

    static List<Path> of(String system, Path runs) {
        return found(runs)
                .filter(run -> run.info.system().equals(system))
                .map(Found::folder)
                .toList();
    }

    /// All runs that lie in the folder of runs, the newest first.
    static List<Path> all() {
        return found(RunOptions.runs()).map(Found::folder).toList();
    }

    private record Found(Path folder, RunInfo info) {}

    /// Folders whose description is missing or damaged are no runs to choose.
    private static Stream<Found> found(Path runs) {
        var found = new ArrayList<Found>();
        if (Files.isDirectory(runs)) {
            try (var folders = Files.newDirectoryStream(runs)) {
                for (var folder : folders) read(folder).ifPresent(found::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return found.stream()
                .sorted(Comparator.comparing((Found run) -> run.info.started()).reversed());
    }

    private static Optional<Found> read(Path folder) {
        try {
            return Optional.of(new Found(folder, RunInfo.read(folder)));
        } catch (RuntimeException _) {
            return Optional.empty();
        }
    }

    private static IllegalArgumentException noRun(String system) {
        return new IllegalArgumentException(
                "there is no run of %s in %s; train one (orrery train %s) or name its --run-dir"
                        .formatted(system, RunOptions.runs(), system));
    }
}
