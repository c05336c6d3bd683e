package dev.orrery.cli;

import dev.orrery.catalog.Catalog;
import dev.orrery.run.RunInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A run with a world model that somebody named on the command line.
final class ForeseenRun {

    private ForeseenRun() {}

    /// The run that a word means: its folder or its name, or a system, whose newest run it is;
    /// nothing if the word means no world model.
    ///
    /// @throws IllegalArgumentException if it means one that was not trained yet
    static Optional<Path> find(String word) {
        for (var folder : List.of(Path.of(word), RunOptions.runs().resolve(word))) {
            if (Files.isRegularFile(folder.resolve(RunInfo.FILE))) {
                return Optional.of(folder).filter(ForeseenRun::dreams).map(ForeseenRun::ready);
            }
        }
        if (Catalog.imaginer(word).isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                newest(word)
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "there is no trained run of %s in %s; train one: orrery train %s"
                                                .formatted(word, RunOptions.runs(), word))));
    }

    private static boolean dreams(Path run) {
        try {
            return Catalog.imaginer(RunInfo.read(run).system()).isPresent();
        } catch (RuntimeException _) {
            // A saved policy, or a damaged description: whoever opens policies says what it is.
            return false;
        }
    }

    private static Path ready(Path run) {
        var system = RunInfo.read(run).system();
        if (!asked(system, run)) {
            throw new IllegalArgumentException(
                    "run %s holds no model yet; it has one once it has trained (orrery train %s --resume --run-dir %s)"
                            .formatted(run, system, run));
        }
        return run;
    }

    private static boolean asked(String system, Path run) {
        return Catalog.imaginer(system).orElseThrow().asking(run).ready();
    }

    private static Optional<Path> newest(String system) {
        return RunChoice.of(system).stream().filter(run -> is(system, run)).findFirst();
    }

    private static boolean is(String system, Path run) {
        try {
            return asked(system, run);
        } catch (RuntimeException _) {
            // A damaged model: not a run to choose.
            return false;
        }
    }
}
