package dev.orrery.run;

/// Passes on how far work is that knows of no runs, and ends it when the run is asked to stop.
///
/// ```java
/// new ShiftedLab(…, new Watch(run)::at)
/// ```
public final class Watch {

    private final Run run;
    private String stage = "";

    public Watch(Run run) {
        this.run = run;
    }

    /// Where the work is; a stage of another name ends the last one. Called by one thread at a
    /// time.
    ///
    /// @param name what is being done
    /// @param done how much of it
    /// @param total of how much
    /// @param detail the latest numbers; may be empty
    /// @throws RunStopped if somebody asked the run to stop
    public synchronized void at(String name, long done, long total, String detail) {
        run.heed(name);
        if (!stage.equals(name)) run.progress().stage(name, total);
        stage = name;
        run.progress().at(done, detail);
    }
}
