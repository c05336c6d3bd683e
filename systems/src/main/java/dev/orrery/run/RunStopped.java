package dev.orrery.run;

import java.nio.file.Path;

/// The user asked a run to stop, and it did so after saving.
public final class RunStopped extends RuntimeException {
    private static final long serialVersionUID = 1;

    RunStopped(String system, Path folder, long step) {
        super(
                "stopped after step %d, saved; go on with: orrery train %s --resume --run-dir %s"
                        .formatted(step, system, folder));
    }
}
