package dev.orrery.env.platformer;

import dev.orrery.env.Npz;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Frames of one episode as palette indices, a third of the size of colours, with what was done.
///
/// @param theme whose colours the indices have
/// @param frames `(T + 1, 64, 64)` indices
/// @param actions one a step
/// @param rewards one a step
/// @param scrolls pixels left of each frame
public record PlatformerEpisodes(
        int theme,
        byte[] frames,
        List<PlatformerAction> actions,
        List<Float> rewards,
        int[] scrolls) {

    /// Plays one episode and keeps it.
    public static PlatformerEpisodes play(
            Platformer world, long seed, Function<Platformer, PlatformerAction> policy) {
        world.begin(Level.of(seed));
        var frames = new ByteArrayOutputStream();
        var actions = new ArrayList<PlatformerAction>();
        var rewards = new ArrayList<Float>();
        var scrolls = new ArrayList<Integer>();
        var frame = new byte[PlatformerPainter.SIZE * PlatformerPainter.SIZE];
        while (true) {
            world.draw(frame, 0);
            frames.writeBytes(frame);
            scrolls.add(world.scroll());
            if (world.terminated() || world.truncated()) {
                return new PlatformerEpisodes(
                        world.level().theme(),
                        frames.toByteArray(),
                        List.copyOf(actions),
                        List.copyOf(rewards),
                        scrolls.stream().mapToInt(Integer::intValue).toArray());
            }
            var action = policy.apply(world);
            actions.add(action);
            rewards.add((float) world.advance(action));
        }
    }

    /// The number of steps T.
    public int length() {
        return actions.size();
    }

    /// Writes the episode as `.npz`: `frames`, `actions`, `rewards`, `scroll` and `palette`.
    ///
    /// @throws IOException if the file cannot be written
    public void write(Path file) throws IOException {
        var acted = new byte[actions.size()];
        var paid = new float[actions.size()];
        for (int t = 0; t < acted.length; t++) {
            acted[t] = (byte) actions.get(t).ordinal();
            paid[t] = rewards.get(t);
        }
        int size = PlatformerPainter.SIZE;
        try (var out = Npz.create(file)) {
            out.bytes("frames", frames, acted.length + 1, size, size);
            out.bytes("actions", acted, acted.length);
            out.floats("rewards", paid, paid.length);
            out.ints("scroll", scrolls, scrolls.length);
            var palette = PlatformerPainter.palette(theme);
            out.bytes("palette", palette, palette.length / 3, 3);
        }
    }
}
