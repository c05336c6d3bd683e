package dev.orrery.studio;

import dev.orrery.catalog.Catalog;
import dev.orrery.run.RunInfo;
import dev.orrery.worldmodel.Imagines;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// Asks the world models of runs what they foresee, one question at a time.
final class RunForesight {

    private static final int MOST_HINTS = 12, LONGEST = 200;

    private final RunShelf runs;
    private final ReentrantLock turn = new ReentrantLock();

    RunForesight(RunShelf runs) {
        this.runs = runs;
    }

    /// Whether a run's model can be asked, and in which words.
    Imagines.Asking asking(String run) {
        var nobody = new Imagines.Asking(false, List.of());
        try {
            return dreamer(runs.find(run)).map(d -> d.asking(runs.find(run))).orElse(nobody);
        } catch (IllegalArgumentException _) {
            // A configuration that this version does not know: what was recorded is still shown.
            return nobody;
        }
    }

    /// What the model foresees from a start, once as it comes and once for each hint.
    ///
    /// @throws Refusal if the run has no such model, or a hint has words that it does not know
    Map<String, Object> imagine(String run, long start, List<String> hints) {
        if (hints.size() > MOST_HINTS || hints.stream().anyMatch(h -> h.length() > LONGEST)) {
            throw Refusal.wrong(
                    "ask for at most %d hints of at most %d letters"
                            .formatted(MOST_HINTS, LONGEST));
        }
        var folder = runs.find(run);
        var dreamer =
                dreamer(folder)
                        .orElseThrow(
                                () -> Refusal.missing("run %s has no world model".formatted(run)));
        turn.lock();
        try {
            return dreamer.imagine(folder, start, hints).json();
        } catch (RuntimeException e) {
            throw Refusal.wrong(String.valueOf(e.getMessage()));
        } finally {
            turn.unlock();
        }
    }

    private static Optional<Imagines> dreamer(Path run) {
        return Catalog.imaginer(RunInfo.read(run).system());
    }
}
