package dev.orrery.fidelity;

import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.env.platformer.Level;
import dev.orrery.env.platformer.Platformer;
import dev.orrery.env.platformer.PlatformerAction;
import dev.orrery.env.platformer.PlatformerPainter;
import dev.orrery.env.platformer.Runner;
import dev.orrery.env.platformer.StickyRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntToLongFunction;

/// A clip of the platformer with what only the world knows.
///
/// @param level seed of its level
/// @param theme its colours, 0 to 3
/// @param indices `T * 64 * 64` palette indices
/// @param steps what was done and what came of it, `T - 1`
/// @param moments where everything was in each frame, `T`
public record PlatformerClip(
        long level, int theme, byte[] indices, List<Step> steps, List<Moment> moments) {

    private static final int SIZE = PlatformerPainter.SIZE, PIXELS = SIZE * SIZE;
    private static final int PER_EPISODE = 4;
    private static final Observation NOTHING =
            Observation.of(new Image(1, 1, new byte[] {0, 0, 0}));

    /// A transition.
    ///
    /// @param action what was chosen
    /// @param effective the plainest action that has the same effect: in the air jumping is none
    /// @param jumped whether a jump began
    public record Step(PlatformerAction action, PlatformerAction effective, boolean jumped) {}

    /// What a frame shows, in pixels.
    ///
    /// @param x left edge of the player in the picture
    /// @param y upper edge of the player
    /// @param scroll pixels of the level left of the picture
    /// @param supported whether the player stands
    public record Moment(int x, int y, int scroll, boolean supported) {}

    public PlatformerClip {
        steps = List.copyOf(steps);
        moments = List.copyOf(moments);
        if (indices.length != moments.size() * PIXELS || steps.size() + 1 != moments.size()) {
            throw new IllegalArgumentException(
                    "platformer clip has %d pixels, %d steps and %d moments"
                            .formatted(indices.length, steps.size(), moments.size()));
        }
    }

    /// Plays episodes and cuts up to four clips that do not overlap out of each, every second one
    /// by the scripted runner with its usual noise, the others sticky-random.
    ///
    /// @param level seed of each episode's level
    /// @param count number of clips
    /// @param frames T of each
    /// @param standing whether clips begin where the player stands, so that the first frame alone
    ///   says how fast it is
    public static List<PlatformerClip> collect(
            IntToLongFunction level, int count, int frames, boolean standing) {
        if (frames < 2 || frames > Platformer.STEPS) {
            throw new IllegalArgumentException(
                    "clips of %d frames; choose 2 to %d".formatted(frames, Platformer.STEPS));
        }
        var clips = new ArrayList<PlatformerClip>();
        for (int episode = 0; clips.size() < count; episode++) {
            long seed = level.applyAsLong(episode);
            var policy = episode % 2 == 0 ? runner(seed) : random(seed);
            var cut = play(seed, policy).cut(frames, standing);
            clips.addAll(cut.subList(0, Math.min(cut.size(), count - clips.size())));
        }
        return clips;
    }

    private List<PlatformerClip> cut(int length, boolean standing) {
        var clips = new ArrayList<PlatformerClip>();
        int spare = Math.max(0, frames() / length - PER_EPISODE);
        int stride = length + spare * length / PER_EPISODE;
        int from = 0;
        while (from + length <= frames() && clips.size() < PER_EPISODE) {
            if (standing && !moments.get(from).supported()) {
                from++;
            } else {
                clips.add(slice(from, from + length));
                from += stride;
            }
        }
        return clips;
    }

    private static Function<Platformer, PlatformerAction> runner(long seed) {
        return new Runner(Runner.NOISE, seed)::act;
    }

    private static Function<Platformer, PlatformerAction> random(long seed) {
        var policy = new StickyRandom();
        policy.reset(seed);
        return _ -> policy.act(NOTHING);
    }

    /// Plays one whole episode.
    public static PlatformerClip play(long level, Function<Platformer, PlatformerAction> policy) {
        var world = new Platformer();
        world.begin(Level.of(level));
        var indices = new java.io.ByteArrayOutputStream();
        var steps = new ArrayList<Step>();
        var moments = new ArrayList<Moment>();
        var frame = new byte[PIXELS];
        while (true) {
            world.draw(frame, 0);
            indices.writeBytes(frame);
            var box = world.playerBox();
            moments.add(
                    new Moment(
                            box.x() - world.scroll(), box.y(), world.scroll(), world.supported()));
            if (world.terminated() || world.truncated()) {
                return new PlatformerClip(
                        level, world.level().theme(), indices.toByteArray(), steps, moments);
            }
            var action = policy.apply(world);
            var effective = effective(world, action);
            world.advance(action);
            steps.add(
                    new Step(action, effective, world.events().contains(Platformer.Event.JUMPED)));
        }
    }

    /// The plainest action that has the effect of this one in the world's present state: who is in
    /// the air cannot jump.
    public static PlatformerAction effective(Platformer world, PlatformerAction action) {
        if (world.supported()) {
            return action;
        }
        return switch (action) {
            case IDLE, JUMP -> PlatformerAction.IDLE;
            case LEFT, JUMP_LEFT -> PlatformerAction.LEFT;
            case RIGHT, JUMP_RIGHT -> PlatformerAction.RIGHT;
        };
    }

    private PlatformerClip slice(int from, int to) {
        return new PlatformerClip(
                level,
                theme,
                java.util.Arrays.copyOfRange(indices, from * PIXELS, to * PIXELS),
                steps.subList(from, to - 1),
                moments.subList(from, to));
    }

    /// Number of frames T.
    public int frames() {
        return moments.size();
    }

    /// The frames in their own colours.
    public Clip clip() {
        return clip(theme);
    }

    /// The frames in the colours of a theme.
    public Clip clip(int colours) {
        var palette = PlatformerPainter.palette(colours);
        var rgb = new byte[indices.length * 3];
        for (int i = 0; i < indices.length; i++) {
            System.arraycopy(palette, 3 * indices[i], rgb, 3 * i, 3);
        }
        return new Clip(frames(), SIZE, SIZE, rgb);
    }
}
