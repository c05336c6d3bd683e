package dev.orrery.run;

import org.jspecify.annotations.Nullable;

/// Progress that asks its run to stop after so many units of a stage.
public final class StopsIn implements Progress {

    private final String stage;
    private final long after;
    private @Nullable Run run;
    private String current = "";

    /// @param stage how the stage's name begins
    public StopsIn(String stage, long after) {
        this.stage = stage;
        this.after = after;
    }

    /// The run that will stop.
    public void of(Run stopped) {
        run = stopped;
    }

    @Override
    public void stage(String name, long total) {
        current = name;
    }

    @Override
    public void at(long done, String detail) {
        if (run != null && current.startsWith(stage) && done >= after) run.requestStop();
    }

    @Override
    public void note(String line) {}
}
