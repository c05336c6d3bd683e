package dev.orrery.cli;

import dev.orrery.catalog.Catalog;
import dev.orrery.run.RunInfo;
import dev.orrery.worldmodel.play.Dreams;
import dev.orrery.worldmodel.play.Sampling;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/// The options of playing a world model, and which run they mean.
final class DreamOptions {

    /// What the parameter may be besides a policy.
    static final String HELP = " Likewise for world models.";

    @Option(
            names = "--run-dir",
            paramLabel = "DIR",
            description = "The run whose world model is played; its newest if not given.")
    private Optional<Path> folder = Optional.empty();

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "World models: passes in which a frame is sampled; default 8.")
    private Optional<Integer> steps = Optional.empty();

    @Option(
            names = "--tau",
            paramLabel = "T",
            description = "World models: temperature of sampling; default 1.")
    private Optional<Double> tau = Optional.empty();

    /// How frames are sampled.
    ///
    /// @throws IllegalArgumentException if the options are outside of their limits
    Sampling sampling() {
        var usual = Sampling.USUAL;
        return new Sampling(steps.orElse(usual.steps()), tau.orElse(usual.tau()));
    }

    /// The run whose world model a word means: a system, or a run's folder or name. Empty if the
    /// word means none.
    ///
    /// @throws IllegalArgumentException if it does, but there is no model, or if options of world
    ///   models were given for something else
    Optional<Path> find(String word) {
        sampling();
        var dreams = Catalog.dreamer(word);
        if (dreams.isPresent()) {
            return Optional.of(
                    folder.map(run -> checked(run, word, dreams.get()))
                            .orElseGet(() -> newest(word, dreams.get())));
        }
        var run =
                List.of(Path.of(word), RunOptions.runs().resolve(word)).stream()
                        .filter(f -> Files.isRegularFile(f.resolve(RunInfo.FILE)))
                        .filter(f -> dreamer(f).isPresent())
                        .findFirst();
        if (run.isEmpty() && (folder.isPresent() || steps.isPresent() || tau.isPresent())) {
            throw new IllegalArgumentException(
                    "--run-dir, --steps and --tau are for world models; '%s' is none"
                            .formatted(word));
        }
        return run.map(f -> checked(f, system(f), dreamer(f).orElseThrow()));
    }

    private static Path checked(Path run, String system, Dreams dreams) {
        var found = RunInfo.read(run).system();
        if (!found.equals(system)) {
            throw new IllegalArgumentException(
                    "%s is a run of %s, not of %s".formatted(run, found, system));
        }
        if (!dreams.dreams(run)) {
            throw new IllegalArgumentException(
                    "run %s holds no world model yet; it has one once it has trained (orrery train %s --resume --run-dir %s)"
                            .formatted(run, system, run));
        }
        return run.toAbsolutePath().normalize();
    }

    private static Path newest(String system, Dreams dreams) {
        return runs().stream()
                .filter(run -> system(run).equals(system) && dreams.dreams(run))
                .max(Comparator.comparing(run -> RunInfo.read(run).started()))
                .map(run -> run.toAbsolutePath().normalize())
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "no run in %s holds a world model of %s; train one (orrery train %s --preset smoke) or name its --run-dir"
                                        .formatted(RunOptions.runs(), system, system)));
    }

    private static Optional<Dreams> dreamer(Path run) {
        return Catalog.dreamer(system(run));
    }

    private static String system(Path run) {
        try {
            return RunInfo.read(run).system();
        } catch (RuntimeException _) {
            // A damaged description: not a run to choose.
            return "";
        }
    }

    private static List<Path> runs() {
        if (!Files.isDirectory(RunOptions.runs())) {
            return List.of();
        }
        try (var all = Files.list(RunOptions.runs())) {
            return all.filter(f -> Files.exists(f.resolve(RunInfo.FILE))).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
