package dev.orrery.run;

import java.nio.file.Path;
import java.util.Optional;

/// Asks a run to stop at a stage, or once so many steps of one are done.
public final class StopsAt implements Progress {

    private final String stage;
    private final long steps;
    private String current = "";
    private Optional<Run> run = Optional.empty();

    public StopsAt(String stage, long steps) {
        this.stage = stage;
        this.steps = steps;
    }

    /// A new run that this watches.
    public Run run(Path folder, RunInfo info) {
        var watched = Run.create(folder, info, this);
        run = Optional.of(watched);
        return watched;
    }

    /// A name for a folder.
    public String name() {
        return stage.replace(' ', '-') + steps;
    }

    @Override
    public void stage(String name, long total) {
        current = name;
        at(0, "");
    }

    @Override
    public void at(long done, String detail) {
        if (current.equals(stage) && done >= steps) run.orElseThrow().requestStop();
    }

    @Override
    public void note(String line) {}
}
