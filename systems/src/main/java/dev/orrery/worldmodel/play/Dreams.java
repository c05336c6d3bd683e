package dev.orrery.worldmodel.play;

import java.nio.file.Path;

/// A system whose trained world model can be played with keys, one frame at a time.
public interface Dreams {

    /// Whether a run's folder holds a model that can be played. Another process may be training the
    /// run; only files that are wholly there count.
    boolean dreams(Path run);

    /// Opens the model of a run. The thread that opens it uses and closes it.
    ///
    /// @throws IllegalArgumentException if the run holds none; the message says what to do
    DreamSession dream(Path run);
}
