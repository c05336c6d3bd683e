package dev.orrery.cli;

import dev.orrery.catalog.Catalog;
import dev.orrery.run.ConfigBinder;
import dev.orrery.run.Need;
import dev.orrery.run.Progress;
import dev.orrery.run.Recipe;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import dev.orrery.worldmodel.play.Dreams;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A run whose world model is to be played: it has one already, or it is trained first.
///
/// @param system a system whose recipe [Dreams]
/// @param folder the run's folder, absolute; it may not exist yet
/// @param preset what to train; the system's first preset if nobody asked for another
/// @param sets values laid over the preset, `key=value`
record DreamRun(String system, Path folder, Optional<String> preset, List<String> sets) {

    DreamRun {
        folder = folder.toAbsolutePath().normalize();
        sets = List.copyOf(sets);
    }

    /// A run that is there.
    static DreamRun of(String system, Path folder) {
        return new DreamRun(system, folder, Optional.empty(), List.of());
    }

    /// Whether there is a model to play.
    boolean ready() {
        return begun() && dreams().dreams(folder);
    }

    /// Whether the folder holds a run.
    boolean begun() {
        return Files.exists(folder.resolve(RunInfo.FILE));
    }

    private Dreams dreams() {
        return Catalog.dreamer(system)
                .orElseThrow(() ->
                        new IllegalArgumentException(system + " trains no world model to play"));
    }

    /// This run, if it is of the system and, where a preset was asked for, of that.
    ///
    /// @throws IllegalArgumentException if the folder holds another one
    DreamRun checked() {
        if (!begun()) {
            return this;
        }
        var info = RunInfo.read(folder);
        if (!info.system().equals(system)) {
            throw new IllegalArgumentException(
                    "%s is a run of %s, not of %s".formatted(folder, info.system(), system));
        }
        if (!preset.map(info.preset()::equals).orElse(true)) {
            throw new IllegalArgumentException(
                    "%s holds a run of preset %s, not %s; choose another --run-dir, or leave out --preset"
                            .formatted(folder, info.preset(), preset.orElseThrow()));
        }
        if (!sets.isEmpty()) {
            throw new IllegalArgumentException(
                    "%s has its configuration already; leave out --set".formatted(folder));
        }
        return this;
    }

    /// Trains to the end: anew, or from where a run that was broken off had saved.
    ///
    /// @param progress told first what is trained and about how long that takes
    void train(Progress progress) {
        train(Catalog.ready(system).recipe(), progress);
    }

    private <C extends Record> void train(Recipe<C> recipe, Progress progress) {
        if (begun()) {
            progress.note("%s is not trained to its end; going on".formatted(folder));
            try (var run = Run.reopen(folder, progress)) {
                train(recipe, RunOptions.config(recipe, run), run);
            }
            return;
        }
        var resolved =
                ConfigBinder.resolve(recipe, new ConfigBinder.Request(preset, List.of(), sets));
        Need.check(recipe, resolved.config());
        Place.folder("--run-dir", folder);
        progress.note(
                "no world of %s was trained yet: training one now, preset %s, in %s"
                        .formatted(system, resolved.preset(), folder));
        foretell(recipe, resolved.config(), progress);
        var info = RunInfo.now(system, resolved.preset(), 0, resolved.config());
        try (var run = Run.create(folder, info, progress)) {
            train(recipe, resolved.config(), run);
        }
    }

    private static <C extends Record> void foretell(Recipe<C> recipe, C config, Progress progress) {
        if (recipe instanceof Recipe.Foretells<C> foretells) {
            var time = foretells.foretell(config, progress);
            progress.note(
                    "training takes about %s on this machine, as busy as it is now; Ctrl-C saves, and the same command goes on"
                            .formatted(TerminalProgress.duration(time.toMillis() / 1e3)));
        }
    }

    private static <C extends Record> void train(Recipe<C> recipe, C config, Run run) {
        try (var _ = Interrupt.stops(run)) {
            run.finish(recipe.run(config, run));
            run.progress().end();
        }
    }
}
