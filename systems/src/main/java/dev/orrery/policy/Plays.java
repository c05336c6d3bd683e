package dev.orrery.policy;

import java.nio.file.Path;
import java.util.List;

/// A system whose trained policies can be watched while they act, one observation at a time.
public interface Plays {

    /// A policy that is ready to act.
    ///
    /// @param policy what predicts chunks
    /// @param execute how many actions of a chunk are taken before the next is asked for
    /// @param close frees its weights
    record Ready(ChunkPolicy policy, int execute, Runnable close) {
        public Ready {
            if (execute < 1) {
                throw new IllegalArgumentException(
                        "executing %d actions of a chunk; execute at least 1".formatted(execute));
            }
        }
    }

    /// The policies that a run's folder holds, by names that [#open] takes: the newest first, then
    /// those of earlier steps, as `step-00001500`, the later ones first. Another process may be
    /// training the run; only files that are wholly there count.
    List<String> policies(Path run);

    /// Where a run keeps a policy that is called `name`.
    ///
    /// @throws IllegalArgumentException if it holds none of that name
    default Path policy(Path run, String name) {
        var held = policies(run);
        if (!held.contains(name)) {
            throw new IllegalArgumentException(
                    "run %s holds no policy '%s'; %s"
                            .formatted(
                                    run.getFileName(),
                                    name,
                                    held.isEmpty()
                                            ? "it has one once it is trained"
                                            : "it holds " + String.join(", ", held)));
        }
        return run.resolve(name);
    }

    /// The families of tasks that a run's policies are trained on, as the environment names them;
    /// empty if that is not known.
    default List<String> trained(Path run) {
        return List.of();
    }

    /// Opens a policy of a run. It is used by the thread that opens it.
    ///
    /// @throws IllegalArgumentException if the run holds no policy of that name
    Ready open(Path run, String name);

    /// Whether a folder is a saved policy of this system, wherever it lies.
    default boolean isPolicy(Path folder) {
        return false;
    }

    /// Opens a saved policy without the run that it came from. It is used by the thread that opens
    /// it.
    ///
    /// @throws IllegalArgumentException if the folder is none
    default Ready openAlone(Path folder) {
        throw new IllegalArgumentException("%s is no saved policy".formatted(folder));
    }
}
