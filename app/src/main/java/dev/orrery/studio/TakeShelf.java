package dev.orrery.studio;

import java.nio.file.Path;
import java.util.List;

/// Where demonstrations by hand are kept: the LeRobot data set `recordings` in the data folder.
final class TakeShelf {

    static final String SET = "recordings";

    /// A demonstration that is kept.
    record Kept(String set, int episode, String task, int length) {}

    private final Path folder;

    TakeShelf(Path data) {
        folder = data.resolve(SET);
    }

    synchronized List<Kept> list() {
        return List.of();
    }

    synchronized Kept keep(Take take, dev.orrery.env.tabletop.Tabletop table) {
        throw Refusal.busy("saving is not there yet for " + folder);
    }
}
