package dev.orrery.run;

import java.nio.file.Path;

/// The user asked a run to stop, and it did so after saving.
public final class RunStopped extends RuntimeException {
    private static final long serialVersionUID = 1;

    RunStopped(String system, Path folder, long step) {
        this(system, folder, "after step %d, saved".formatted(step));
    }

    RunStopped(String system, Path folder, String when) {
        super(
                "stopped %s; go on with: orrery train %s --resume --run-dir %s"
                        .formatted(when, system, folder));
    }
}
