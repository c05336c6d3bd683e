package dev.orrery.data.clips;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/// Every run of T consecutive frames of [Clips]; none crosses the end of an episode.
///
/// Windows are numbered from 0: those of the first episode in order of their first frame, then
/// those of the next.
public final class ClipWindows {

    private final Clips clips;
    private final int frames;
    private final long[] firsts;
    private final int tooShort;

    /// Where a window is.
    ///
    /// @param episode its number
    /// @param first the window's first frame
    public record Place(int episode, int first) {}

    /// Windows together.
    ///
    /// @param frames T
    /// @param rgb `u8 (B, T, H, W, 3)`
    /// @param actions `(B, T)`, [Clips#UNKNOWN] where it is not known; the last of a window leads
    ///   out of it
    /// @param places where each is, B
    public record Batch(int frames, byte[] rgb, int[] actions, List<Place> places) {}

    private ClipWindows(Clips clips, int frames) {
        this.clips = clips;
        this.frames = frames;
        int n = clips.episodes().size(), left = 0;
        firsts = new long[n + 1];
        for (int i = 0; i < n; i++) {
            int windows = Math.max(0, clips.episodes().get(i).frames() - frames + 1);
            if (windows == 0) left++;
            firsts[i + 1] = firsts[i] + windows;
        }
        tooShort = left;
    }

    /// Windows of T frames.
    ///
    /// @throws IllegalArgumentException if no episode is as long
    public static ClipWindows of(Clips clips, int frames) {
        if (frames < 1) {
            throw new IllegalArgumentException("windows of %d frames".formatted(frames));
        }
        var windows = new ClipWindows(clips, frames);
        if (windows.count() == 0) {
            int longest = clips.episodes().stream().mapToInt(Clip::frames).max().orElse(0);
            throw new IllegalArgumentException(
                    "windows of %d frames: the longest of %d episodes has %d; add longer videos, keep more frames a second, or take shorter windows"
                            .formatted(frames, clips.episodes().size(), longest));
        }
        return windows;
    }

    /// The number of windows.
    public long count() {
        return firsts[firsts.length - 1];
    }

    /// How many episodes are shorter than a window, so that none of their frames is used.
    public int tooShort() {
        return tooShort;
    }

    /// Where a window is.
    ///
    /// @throws IllegalArgumentException if there is no such window
    public Place place(long window) {
        if (window < 0 || window >= count()) {
            throw new IllegalArgumentException(
                    "there are windows 0 to %d, not %d".formatted(count() - 1, window));
        }
        int found = Arrays.binarySearch(firsts, window);
        int episode = found >= 0 ? found : -found - 2;
        while (firsts[episode + 1] == window) episode++;
        return new Place(episode, (int) (window - firsts[episode]));
    }

    /// Numbers of windows, each drawn from all alike.
    public long[] draw(RandomGenerator random, int count) {
        var drawn = new long[count];
        for (int i = 0; i < count; i++) drawn[i] = random.nextLong(count());
        return drawn;
    }

    /// The windows of these numbers.
    public Batch batch(long... windows) {
        return first(frames, windows);
    }

    /// The first frames of the windows of these numbers; no others are read.
    ///
    /// @param shown how many, at most T
    public Batch first(int shown, long... windows) {
        if (shown < 1 || shown > frames) {
            throw new IllegalArgumentException(
                    "the first %d frames of windows of %d; use 1 to %d"
                            .formatted(shown, frames, frames));
        }
        int size = Math.multiplyExact(shown, clips.frameBytes());
        var rgb = new byte[Math.multiplyExact(windows.length, size)];
        var actions = new int[windows.length * shown];
        var places = new Place[windows.length];
        for (int b = 0; b < windows.length; b++) {
            var place = places[b] = place(windows[b]);
            clips.read(place.episode(), place.first(), shown, rgb, b * size);
            var acted = clips.actions(place.episode());
            System.arraycopy(acted, place.first(), actions, b * shown, shown);
        }
        return new Batch(shown, rgb, actions, List.of(places));
    }
}
