package dev.orrery.policy;

import java.util.List;

/// Training windows: at every frame of every episode, the H actions from there on. Windows that
/// reach past an episode's end repeat its last action and mark it as padding.
///
/// Episodes are what they are without pictures: one state and one action a frame; whoever trains
/// fetches or renders the pictures of a window by its [Place].
public final class ActionChunks {

    private final List<float[][]> actions;
    private final int horizon;
    private final int[] first;

    private ActionChunks(List<float[][]> actions, int horizon, int[] first) {
        this.actions = actions;
        this.horizon = horizon;
        this.first = first;
    }

    /// The windows of episodes.
    ///
    /// @param actions one array an episode: T rows of A values
    /// @param horizon actions H of a window
    /// @throws IllegalArgumentException if there is no frame, H is below 1 or an action is not
    ///   finite; the message names episode and frame
    public static ActionChunks of(List<float[][]> actions, int horizon) {
        if (horizon < 1) {
            throw new IllegalArgumentException(
                    "action chunks of %d actions; the horizon is at least 1".formatted(horizon));
        }
        var first = new int[actions.size() + 1];
        for (int e = 0; e < actions.size(); e++) {
            first[e + 1] = first[e] + actions.get(e).length;
            requireFinite(actions.get(e), e);
        }
        if (first[actions.size()] == 0) {
            throw new IllegalArgumentException(
                    "action chunks of no frames; record demonstrations first");
        }
        return new ActionChunks(List.copyOf(actions), horizon, first);
    }

    private static void requireFinite(float[][] episode, int index) {
        for (int t = 0; t < episode.length; t++) {
            for (float value : episode[t]) {
                if (!Float.isFinite(value)) {
                    throw new IllegalArgumentException(
                            "episode %d, frame %d: the action is not finite; repair the data first"
                                    .formatted(index, t));
                }
            }
        }
    }

    /// Where a window starts.
    ///
    /// @param episode index of the episode
    /// @param frame index within it
    public record Place(int episode, int frame) {}

    /// The number of windows: one a frame.
    public int size() {
        return first[first.length - 1];
    }

    /// The place of window `index`, episodes in order.
    public Place place(int index) {
        if (index < 0 || index >= size()) {
            throw new IllegalArgumentException(
                    "there is no window %d, there are %d".formatted(index, size()));
        }
        int at = java.util.Arrays.binarySearch(first, index);
        int episode = at >= 0 ? at : -at - 2;
        while (first[episode + 1] == first[episode]) {
            episode++;
        }
        return new Place(episode, index - first[episode]);
    }

    /// A window.
    ///
    /// @param actions H rows of A values
    /// @param padding true where the episode had ended
    public record Window(float[][] actions, boolean[] padding) {}

    /// The window that starts at `place`.
    public Window window(Place place) {
        var episode = actions.get(place.episode());
        var rows = new float[horizon][];
        var padding = new boolean[horizon];
        for (int h = 0; h < horizon; h++) {
            int t = place.frame() + h;
            padding[h] = t >= episode.length;
            rows[h] = episode[Math.min(t, episode.length - 1)];
        }
        return new Window(rows, padding);
    }
}
