package dev.orrery.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A run that others build on, such as the training of a base that several measurements adapt. It
/// is done once, in a folder that they share, and goes on where it was broken off.
public final class SharedRun {

    private static final String REPORT = "report.json";

    private SharedRun() {}

    /// Which training is shared.
    ///
    /// @param preset of the recipe
    /// @param sets `path=value` pairs laid over it
    public record Wanted(String preset, List<String> sets) {
        public Wanted {
            sets = List.copyOf(sets);
        }
    }

    /// Trains and measures by a recipe, unless the folder holds that already.
    ///
    /// @param folder of the shared run
    /// @param asking the run that needs it: gives the seed, hears the progress, and when it is
    ///   asked to stop, so is the shared one
    /// @return the folder
    /// @throws RunException if the folder holds a run of another configuration or seed
    public static <C extends Record> Path of(
            Recipe<C> recipe, Wanted wanted, Path folder, Run asking) {
        var preset = wanted.preset();
        var request = new ConfigBinder.Request(Optional.of(preset), List.of(), wanted.sets());
        var config = ConfigBinder.resolve(recipe, request).config();
        var info = RunInfo.now(recipe.name(), preset, asking.seed(), config);
        boolean there = Files.exists(folder.resolve(RunInfo.FILE));
        if (there) requireSame(RunInfo.read(folder), info, folder);
        if (there && Files.exists(folder.resolve(REPORT))) return folder;
        var progress = new Passing(asking);
        try (var run = there ? Run.reopen(folder, progress) : Run.create(folder, info, progress)) {
            progress.inner = run;
            run.finish(recipe.run(config, run));
        }
        return folder;
    }

    /// The result of a shared run for a measurement of a claim: what lies in the claim's folder
    /// `given/seed-N`, if it will do, else that of a run in `base-PRESET/seed-N`, which all
    /// measurements of the seed share.
    ///
    /// @param measurement the run that needs it
    /// @param given whether a folder will do
    /// @param saved where a finished run keeps its result
    public static Path ofClaim(
            Recipe<?> recipe,
            Wanted wanted,
            Run measurement,
            Predicate<Path> given,
            UnaryOperator<Path> saved) {
        // experiment, arm and seed lie between
        var claim = measurement.folder().toAbsolutePath().getParent().getParent().getParent();
        var seed = "seed-" + measurement.seed();
        var there = claim.resolve("given").resolve(seed);
        if (given.test(there)) return there;
        var own = claim.resolve("base-" + wanted.preset()).resolve(seed);
        return saved.apply(of(recipe, wanted, own, measurement));
    }

    private static void requireSame(RunInfo there, RunInfo wanted, Path folder) {
        if (!there.config().equals(wanted.config()) || there.seed() != wanted.seed()) {
            throw new RunException(
                    "%s holds a run of another configuration or seed; choose another folder, or delete it"
                            .formatted(folder));
        }
    }

    /// Progress of a run inside another one.
    private static final class Passing implements Progress {
        private final Run asking;
        private volatile @Nullable Run inner;

        Passing(Run asking) {
            this.asking = asking;
        }

        @Override
        public void stage(String name, long total) {
            asking.progress().stage(name, total);
            pass();
        }

        @Override
        public void at(long done, String detail) {
            asking.progress().at(done, detail);
            pass();
        }

        private void pass() {
            var run = inner;
            if (run != null && asking.stopping()) run.requestStop();
        }

        @Override
        public void note(String line) {
            asking.progress().note(line);
        }
    }
}
