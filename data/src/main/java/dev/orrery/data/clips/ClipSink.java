package dev.orrery.data.clips;

/// Takes episodes, frame by frame.
///
/// For each episode: [#begin], [#frame] for each frame, then [#end]. For one thread.
public interface ClipSink {

    /// Begins an episode.
    ///
    /// @throws IllegalStateException if the one before has not ended
    void begin(String name);

    /// Adds the next frame.
    ///
    /// @param rgb `u8 (H, W, 3)`; not kept
    /// @throws IllegalArgumentException if it has another size
    void frame(byte[] rgb);

    /// Ends an episode of which no actions are known.
    default void end() {
        end(new int[0]);
    }

    /// Ends an episode.
    ///
    /// @param actions one a frame, or one less, or none at all; [Clips#UNKNOWN] where it is not
    ///   known
    /// @throws IllegalArgumentException if it has no frames, or there are more or fewer actions, or
    ///   an action has no name
    void end(int[] actions);

    /// Forgets the episode that was begun, with its frames.
    void drop();
}
