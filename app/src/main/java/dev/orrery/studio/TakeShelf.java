package dev.orrery.studio;

import dev.orrery.data.DatasetException;
import dev.orrery.data.lerobot.EpisodeFolder;
import dev.orrery.data.lerobot.LeRobotDataset;
import dev.orrery.env.Episode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Where demonstrations by hand are kept: the LeRobot data set `recordings` in the data folder.
final class TakeShelf {

    static final String SET = "recordings";

    private static final int SHOWN = 50;

    /// A demonstration that is kept.
    record Kept(String set, int episode, String task, int length) {}

    private final Path folder;

    TakeShelf(Path data) {
        folder = data.resolve(SET);
    }

    /// The newest demonstrations, the last one first.
    ///
    /// @throws Refusal if the data set is there but cannot be read
    synchronized List<Kept> list() {
        if (!Files.exists(folder.resolve("meta/info.json"))) {
            return List.of();
        }
        try (var set = LeRobotDataset.open(folder)) {
            return set.episodes().reversed().stream()
                    .limit(SHOWN)
                    .map(e -> new Kept(SET, e.index(), DataPages.task(e), e.length()))
                    .toList();
        } catch (DatasetException e) {
            throw Refusal.busy("saved demonstrations cannot be listed: " + e.getMessage());
        }
    }

    /// Adds a demonstration; the data set is begun with the first.
    ///
    /// @throws Refusal if it cannot be written; the take is then still there to try again
    synchronized Kept keep(Take take, long seed) {
        try {
            Files.createDirectories(folder.getParent());
            int episode =
                    EpisodeFolder.append(
                            folder, new Episode<>(seed, take.frames(), take.success()));
            return new Kept(SET, episode, take.instruction(), take.length());
        } catch (DatasetException | IllegalArgumentException | java.io.IOException e) {
            throw Refusal.busy("the demonstration could not be saved: " + e.getMessage());
        }
    }
}
