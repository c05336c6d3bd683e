package dev.orrery.cli;

import dev.orrery.catalog.Catalog;
import dev.orrery.env.Nearest;
import dev.orrery.policy.Plays;
import dev.orrery.run.RunInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A trained policy that somebody named on the command line.
///
/// @param plays opens it
/// @param folder the run that holds it, or the saved policy itself
/// @param name what it is called in the run; empty for a saved policy without one
record PolicyChoice(Plays plays, Path folder, String name) {

    /// How the parameter is described.
    static final String HELP =
            "A run (its folder or its name in runs), a saved policy's folder, or a system for its"
                    + " newest run.";

    /// The policy that a word means: a run's folder or name, a saved policy's folder, or a system,
    /// whose newest run it is.
    ///
    /// @throws IllegalArgumentException if it means none; the message says what there is
    static PolicyChoice find(String word) {
        for (var folder : List.of(Path.of(word), RunOptions.runs().resolve(word))) {
            var found = run(folder).or(() -> alone(folder));
            if (found.isPresent()) {
                return found.get();
            }
        }
        return newest(word).orElseThrow(() -> nothing(word));
    }

    /// The run's folder, if it belongs to one.
    Optional<Path> run() {
        return Optional.of(folder).filter(_ -> !name.isEmpty());
    }

    /// Opens it, for the thread that calls.
    Plays.Ready open() {
        return name.isEmpty() ? plays.openAlone(folder) : plays.open(folder, name);
    }

    @Override
    public String toString() {
        return folder.resolve(name).toString();
    }

    private static Optional<PolicyChoice> run(Path folder) {
        if (!Files.isRegularFile(folder.resolve(RunInfo.FILE)) || isPolicy(folder)) {
            return Optional.empty();
        }
        var system = RunInfo.read(folder).system();
        var plays =
                Catalog.player(system)
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "%s is a run of %s, which trains no policy"
                                                .formatted(folder, system)));
        var names = plays.policies(folder);
        if (names.isEmpty()) {
            throw new IllegalArgumentException(
                    "run %s holds no policy yet; it has one once it has trained (orrery train %s --resume --run-dir %s)"
                            .formatted(folder, system, folder));
        }
        return Optional.of(new PolicyChoice(plays, folder, names.getFirst()));
    }

    private static boolean isPolicy(Path folder) {
        return Catalog.players().stream().anyMatch(plays -> plays.isPolicy(folder));
    }

    private static Optional<PolicyChoice> alone(Path folder) {
        return Catalog.players().stream()
                .filter(plays -> plays.isPolicy(folder))
                .map(plays -> new PolicyChoice(plays, folder, ""))
                .findFirst();
    }

    /// The newest run of a system that holds a policy.
    private static Optional<PolicyChoice> newest(String system) {
        return Catalog.player(system)
                .flatMap(plays ->
                        RunChoice.of(system).stream()
                                .filter(run -> !plays.policies(run).isEmpty())
                                .findFirst()
                                .map(run ->
                                        new PolicyChoice(
                                                plays, run, plays.policies(run).getFirst())));
    }

    private static IllegalArgumentException nothing(String word) {
        if (Files.exists(Path.of(word))) {
            return new IllegalArgumentException(
                    "%s is neither a run nor a saved policy; name a folder with %s in it"
                            .formatted(word, RunInfo.FILE));
        }
        var names = RunChoice.all().stream().map(f -> f.getFileName().toString()).toList();
        if (names.isEmpty()) {
            return new IllegalArgumentException(
                    "there is no policy '%s' and no run in %s; train one: orrery demo, or orrery train pi0"
                            .formatted(word, RunOptions.runs()));
        }
        return new IllegalArgumentException(
                "there is no policy '%s'; %s".formatted(word, Nearest.hint(word, names)));
    }
}
