package dev.orrery.data.clips;

import java.io.Closeable;
import java.util.List;
import java.util.random.RandomGenerator;

/// Videos to learn from: episodes of RGB frames of one size, with or without actions.
///
/// Frames stay packed or on disk and are unpacked when they are read. Reading is safe from several
/// threads.
///
/// An action belongs to the frame on which it was chosen: action t leads from frame t to frame t +
/// 1. What was done on the last frame of an episode is often unknown.
public interface Clips extends Closeable {

    /// An action that is not known.
    int UNKNOWN = -1;

    /// Rows H of every frame.
    int height();

    /// Columns W of every frame.
    int width();

    /// Frames a second; 0 if unknown.
    double fps();

    /// The episodes, in order. Nothing continues from one to the next.
    List<Clip> episodes();

    /// What the actions are called, in the order of their numbers; empty if there are none.
    List<String> actionNames();

    /// Unpacks frames of one episode.
    ///
    /// @param into receives `u8 (count, H, W, 3)`
    /// @param at where in `into` to begin
    /// @throws IllegalArgumentException if the episode has no such frames or `into` is too short
    /// @throws dev.orrery.data.DatasetException if they are damaged
    void read(int episode, int first, int count, byte[] into, int at);

    /// The actions of an episode, one a frame, [#UNKNOWN] where it is not known; all are if there
    /// are no actions.
    int[] actions(int episode);

    /// About how many bytes of memory this takes while it is open, files on disk not counted.
    long bytes();

    @Override
    void close();

    /// Bytes of one unpacked frame.
    default int frameBytes() {
        return height() * width() * 3;
    }

    /// Frames of one episode, `u8 (count, H, W, 3)`.
    default byte[] frames(int episode, int first, int count) {
        var out = new byte[Math.multiplyExact(Math.max(count, 0), frameBytes())];
        read(episode, first, count, out, 0);
        return out;
    }

    /// The number of frames of all episodes.
    default long frameCount() {
        return episodes().stream().mapToLong(Clip::frames).sum();
    }

    /// Some of the episodes; closing the result closes this.
    ///
    /// @throws IllegalArgumentException if there is no such episode
    default Clips only(List<Integer> episodes) {
        return new ClipSelection(this, episodes);
    }

    /// Two parts that share no episode.
    ///
    /// @param random which episodes are held out; the same seed gives the same parts
    /// @param share of the episodes to hold out, above 0 and below 1; at least one is, and one is
    ///   not
    /// @throws IllegalArgumentException if there are fewer than two episodes
    default Split split(RandomGenerator random, double share) {
        return ClipSelection.split(this, random, share);
    }

    /// Episodes to learn from and episodes to measure on.
    record Split(Clips training, Clips heldOut) {}
}
