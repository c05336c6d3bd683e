package dev.orrery.studio;

import dev.orrery.catalog.Catalog;
import dev.orrery.run.RunInfo;
import dev.orrery.worldmodel.play.DreamSession;
import dev.orrery.worldmodel.play.Dreams;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The world models in run folders, of every system of the catalog whose recipe [Dreams].
public final class RunDreams implements DreamSource {

    private final RunShelf shelf;

    /// @param runs the folder that holds run folders
    public RunDreams(Path runs) {
        shelf = new RunShelf(runs);
    }

    @Override
    public List<Choice> choices() {
        return shelf.list().runs().stream()
                .filter(run -> Catalog.dreamer(run.system()).isPresent())
                .filter(run -> dreams(shelf.find(run.id())))
                .map(run ->
                        new Choice(
                                run.id(),
                                run.id(),
                                "%s, preset %s, %s"
                                        .formatted(run.system(), run.preset(), run.state())))
                .toList();
    }

    private static boolean dreams(Path run) {
        try {
            return dreamer(run).map(dreams -> dreams.dreams(run)).orElse(false);
        } catch (RuntimeException _) {
            // Deleted or damaged while it was read; the runs page says so.
            return false;
        }
    }

    private static Optional<Dreams> dreamer(Path run) {
        return Catalog.dreamer(RunInfo.read(run).system());
    }

    @Override
    public DreamSession open(String id) {
        try {
            var run = shelf.find(id);
            return dreamer(run)
                    .orElseThrow(() ->
                            new IllegalArgumentException(
                                    "run %s trained no world model that can be played"
                                            .formatted(id)))
                    .dream(run);
        } catch (Refusal e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }
}
