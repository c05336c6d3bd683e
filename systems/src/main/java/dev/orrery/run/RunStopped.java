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
                "stopped %s; go on with: orrery %s --resume --run-dir %s"
                        .formatted(when, verb(system), folder));
    }

    /// Adapting is a verb of its own, not a system that `train` knows.
    private static String verb(String system) {
        return system.equals("finetune") ? system : "train " + system;
    }
}
