package dev.orrery.system.genie;

import dev.orrery.data.clips.ClipFiles;
import dev.orrery.data.clips.ClipOptions;
import dev.orrery.data.clips.ClipWindows;
import dev.orrery.data.clips.Clips;
import dev.orrery.data.clips.Fit;
import dev.orrery.data.clips.MemoryClips;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.env.platformer.Level;
import dev.orrery.env.platformer.Platformer;
import dev.orrery.env.platformer.PlatformerAction;
import dev.orrery.env.platformer.PlatformerPainter;
import dev.orrery.env.platformer.Runner;
import dev.orrery.env.platformer.StickyRandom;
import dev.orrery.run.Progress;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.vision.Resample;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;

/// Clips to learn from and others to measure on.
///
/// Simulated ones are the platformer's: a share collected by a scripted runner with 15 % random
/// actions, the rest by random play that keeps its action with probability 0.75. No level is in
/// both parts. Clips never cross the end of an episode. Actions are there for measuring and for
/// worlds driven by real ones; nothing else looks at them.
public final class GenieData implements AutoCloseable {

    private static final int SIDE = PlatformerPainter.SIZE;

    /// Most bytes that packed videos may take in memory.
    private static final long MEMORY = 2L << 30;

    /// Some clips.
    ///
    /// @param rgb U8 `(B, T, H, W, 3)`
    /// @param actions I64 `(B, T-1)`, what led from each frame to the next; -1 where not known
    public record Batch(Tensor rgb, Tensor actions) {

        /// Numbers in [0, 1].
        public Tensor pixels() {
            return VideoTokenizer.pixels(rgb);
        }
    }

    private final Clips training, heldOut;
    private final ClipWindows trainingWindows, heldOutWindows;

    private GenieData(Clips training, Clips heldOut, int context) {
        this.training = training;
        this.heldOut = heldOut;
        trainingWindows = ClipWindows.of(training, context);
        heldOutWindows = ClipWindows.of(heldOut, context);
    }

    /// The data that a configuration names.
    public static GenieData of(GenieConfig.Data config, Seed seed, Progress progress) {
        return config.video().isEmpty()
                ? simulated(config, seed, progress)
                : recorded(config, seed, progress);
    }

    /// Clips of others' making.
    ///
    /// @throws IllegalArgumentException if they have another size, or no episode is as long as a
    ///   clip
    public static GenieData of(GenieConfig.Data config, Clips training, Clips heldOut) {
        for (var clips : List.of(training, heldOut)) {
            if (clips.height() != config.height() || clips.width() != config.width()) {
                throw new IllegalArgumentException(
                        "genie: the videos are %d x %d pixels, the model %d x %d; resize them or set data.width and data.height"
                                .formatted(
                                        clips.width(),
                                        clips.height(),
                                        config.width(),
                                        config.height()));
            }
        }
        return new GenieData(training, heldOut, config.context());
    }

    // ---- simulated

    private static GenieData simulated(GenieConfig.Data config, Seed seed, Progress progress) {
        int held = Math.max(config.context(), (int) Math.round(config.frames() * config.heldOut()));
        progress.stage("rendering the platformer", config.frames() + held);
        var training = play(config, config.frames(), seed, 0, progress);
        var heldOut = play(config, held, seed, 1, progress);
        return new GenieData(training, heldOut, config.context());
    }

    /// The level of an episode: even numbers to learn from, odd ones to measure on.
    static long level(Seed seed, int episode, int parity) {
        return (seed.split("levels").split(episode).key() >>> 2) * 2 + parity;
    }

    private static Clips play(
            GenieConfig.Data config, int frames, Seed seed, int parity, Progress progress) {
        var names = Arrays.stream(PlatformerAction.values()).map(PlatformerAction::name).toList();
        var clips = MemoryClips.gather(config.height(), config.width(), 10, names);
        var world = new Platformer();
        int made = 0, ran = 0;
        for (int episode = 0; made < frames; episode++) {
            boolean runs = ran < config.runner() * (made + 1);
            long level = level(seed, episode, parity);
            var policy = runs ? runner(level) : random(level);
            int length = episode(world, level, policy, frames - made, config, clips);
            made += length;
            ran += runs ? length : 0;
            progress.at(made, "");
        }
        return clips.done();
    }

    private static Function<Platformer, PlatformerAction> runner(long seed) {
        return new Runner(Runner.NOISE, seed)::act;
    }

    private static Function<Platformer, PlatformerAction> random(long seed) {
        var policy = new StickyRandom();
        policy.reset(seed);
        var unseen = Observation.of(new Image(1, 1, new byte[3]));
        return _ -> policy.act(unseen);
    }

    private static int episode(
            Platformer world,
            long level,
            Function<Platformer, PlatformerAction> policy,
            int most,
            GenieConfig.Data config,
            MemoryClips.Gathering into) {
        world.begin(Level.of(level));
        into.begin("level %d".formatted(level));
        var actions = new int[Platformer.STEPS + 1];
        int frames = 0;
        while (true) {
            into.frame(picture(world, config).rgb());
            frames++;
            boolean over = world.terminated() || world.truncated();
            if (over || frames == Math.max(most, config.context())) {
                into.end(Arrays.copyOf(actions, frames - 1));
                return frames;
            }
            var action = policy.apply(world);
            actions[frames - 1] = action.ordinal();
            world.advance(action);
        }
    }

    /// What a world looks like at the size of a model's frames.
    static Image picture(Platformer world, GenieConfig.Data config) {
        var picture = world.picture();
        return config.height() == SIDE && config.width() == SIDE
                ? picture
                : Resample.BOX.resize(picture, config.height(), config.width());
    }

    // ---- recorded

    private static GenieData recorded(GenieConfig.Data config, Seed seed, Progress progress) {
        progress.stage("reading " + config.video(), 1);
        var options = ClipOptions.asTheyAre().sized(config.height(), config.width(), Fit.CROP);
        var all = ClipFiles.open(Path.of(config.video()), options, MEMORY, progress::note);
        progress.at(1, "");
        try {
            var random = new SplittableRandom(seed.split("held out").key());
            var split = all.split(random, config.heldOut());
            var data = of(config, split.training(), split.heldOut());
            data.tooShort().ifPresent(progress::note);
            return data;
        } catch (RuntimeException e) {
            all.close();
            throw e;
        }
    }

    private Optional<String> tooShort() {
        int left = trainingWindows.tooShort() + heldOutWindows.tooShort();
        return left == 0
                ? Optional.empty()
                : Optional.of(
                        "%d episodes are shorter than a clip and are not used".formatted(left));
    }

    // ---- drawing

    /// What actions are called, in the order of their numbers; empty if none are known.
    public List<String> actionNames() {
        return training.actionNames();
    }

    /// Clips to learn from.
    public long size() {
        return trainingWindows.count();
    }

    /// Clips to measure on.
    public long heldOutSize() {
        return heldOutWindows.count();
    }

    /// Frames to learn from.
    public long frames() {
        return training.frameCount();
    }

    /// Random clips to learn from.
    public Batch batch(int size, Seed seed) {
        return batch(trainingWindows.batch(seed.integers(size(), size).toLongs()));
    }

    /// The first frames of random clips to learn from.
    Batch batch(BudgetConfig.Portion portion, Seed seed) {
        var numbers = seed.integers(size(), portion.clips()).toLongs();
        return batch(trainingWindows.first(portion.frames(), numbers));
    }

    /// `count` clips to measure on, evenly spread over all there are; the same each time.
    public Batch heldOut(int first, int count, int of) {
        var windows = new long[count];
        for (int i = 0; i < count; i++) {
            windows[i] = (first + i) % of * heldOutSize() / of;
        }
        return batch(heldOutWindows.batch(windows));
    }

    private Batch batch(ClipWindows.Batch batch) {
        int t = batch.frames();
        long b = batch.places().size();
        var actions = Tensor.of(batch.actions(), b, t).to(DType.I64);
        return new Batch(
                Tensor.of(batch.rgb(), b, t, training.height(), training.width(), 3),
                actions.narrow(1, 0, t - 1));
    }

    /// The first frames of the first episodes to measure on.
    public List<Image> firstFrames(int most) {
        int count = Math.min(most, heldOut.episodes().size());
        return IntStream.range(0, count)
                .mapToObj(
                        e -> new Image(heldOut.height(), heldOut.width(), heldOut.frames(e, 0, 1)))
                .toList();
    }

    /// Episodes to measure on.
    public Clips heldOutClips() {
        return heldOut;
    }

    @Override
    public void close() {
        training.close();
        heldOut.close();
    }
}
