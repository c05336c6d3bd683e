package dev.orrery.cli;

import dev.orrery.catalog.Catalog;
import dev.orrery.run.RunInfo;
import dev.orrery.worldmodel.play.Sampling;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
            description =
                    "The run whose world model is played, trained first if it is not yet; the newest "
                            + "that can be played if not given, else runs/SYSTEM-play.")
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

    @Option(
            names = "--preset",
            paramLabel = "NAME",
            description =
                    "World models: which preset to play, or to train if nobody has; the first one "
                            + "of the system, laptop, if nothing is there and none is asked for.")
    private Optional<String> preset = Optional.empty();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "World models that are trained first: as in orrery train.")
    private List<String> sets = new ArrayList<>();

    /// How frames are sampled.
    ///
    /// @throws IllegalArgumentException if the options are outside of their limits
    Sampling sampling() {
        var usual = Sampling.USUAL;
        return new Sampling(steps.orElse(usual.steps()), tau.orElse(usual.tau()));
    }

    /// The run whose world model a word means: a system, or a run's folder or name. Of a system it
    /// may be one that is still to be trained. Empty if the word means no world model.
    ///
    /// @throws IllegalArgumentException if it does, but the run is another's or has none, or if
    ///   options of world models were given for something else
    Optional<DreamRun> find(String word) {
        sampling();
        if (Catalog.dreamer(word).isPresent()) {
            return Optional.of(wanted(word).checked());
        }
        var run =
                List.of(Path.of(word), RunOptions.runs().resolve(word)).stream()
                        .filter(f -> Files.isRegularFile(f.resolve(RunInfo.FILE)))
                        .filter(f -> Catalog.dreamer(system(f)).isPresent())
                        .findFirst();
        boolean asked =
                folder.isPresent() || steps.isPresent() || tau.isPresent() || preset.isPresent();
        if (run.isEmpty() && asked) {
            throw new IllegalArgumentException(
                    "--run-dir, --preset, --steps and --tau are for world models; '%s' is none"
                            .formatted(word));
        }
        return run.map(f -> trained(DreamRun.of(system(f), f)));
    }

    /// The named run, else the newest that can be played, else one to train.
    private DreamRun wanted(String system) {
        return folder.or(() -> newest(system).filter(_ -> sets.isEmpty()))
                .map(f -> new DreamRun(system, f, preset, sets))
                .orElseGet(() ->
                        new DreamRun(
                                system,
                                RunOptions.runs().resolve("%s-play".formatted(system)),
                                preset,
                                sets));
    }

    private static DreamRun trained(DreamRun run) {
        if (!run.ready()) {
            throw new IllegalArgumentException(
                    "run %s holds no world model yet; orrery play %s --run-dir %s trains it to its end and plays it"
                            .formatted(run.folder(), run.system(), run.folder()));
        }
        return run;
    }

    private Optional<Path> newest(String system) {
        return RunChoice.of(system).stream()
                .filter(run -> DreamRun.of(system, run).ready())
                .filter(run -> preset.map(RunInfo.read(run).preset()::equals).orElse(true))
                .findFirst();
    }

    private static String system(Path run) {
        try {
            return RunInfo.read(run).system();
        } catch (RuntimeException _) {
            // A damaged description: not a run to choose.
            return "";
        }
    }
}
