package dev.orrery.system.pi0;

import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.flow.DataAt;
import dev.orrery.lm.GemmaConfig;
import dev.orrery.optim.AdamW;
import dev.orrery.policy.Norms;
import dev.orrery.policy.Statistics;
import dev.orrery.run.Metrics;
import dev.orrery.run.Progress;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.vision.SiglipConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;

/// How fast π0 is, as `orrery bench pi0` shows it. Weights are random; time does not depend on
/// them.
///
/// @param prefixMillis reading one observation: pictures, words, state
/// @param stepMillis one Euler step of one chunk
/// @param chunkMillis one chunk for one observation, by Euler steps
/// @param batchMillis chunks of ten Euler steps for several observations at once, by their number
/// @param trainSteps steps of stage 1 a second, as the laptop preset takes them, data included
/// @param frames frames of data a second on one core: drawn, normalised and collated
/// @param peerTrainMillis forward and backward of the reference shape, batch 8
/// @param peerSampleMillis ten Euler steps of the reference shape, batch 1
public record Pi0Speed(
        double prefixMillis,
        double stepMillis,
        SequencedMap<Integer, Double> chunkMillis,
        SequencedMap<Integer, Double> batchMillis,
        double trainSteps,
        double frames,
        double peerTrainMillis,
        double peerSampleMillis) {

    /// What a chunk of ten Euler steps may take on two cores, in ms.
    public static final double CHUNK_MILLIS = 15;

    /// Euler steps that are measured.
    public static final List<Integer> STEPS = List.of(1, 2, 5, 10, 20);

    private static final List<Integer> BATCHES = List.of(2, 8, 32);
    private static final int WARM_UP = 3, DATA_BATCH = 32, PEER_BATCH = 8;
    private static final long WARM_UP_NANOS = 2_000_000_000;

    /// Time of a chunk as a line over Euler steps.
    ///
    /// @param intercept ms at no step: what the prefix costs
    /// @param slope ms a step
    /// @param fit share of the variance that the line explains, 1 for a line
    public record Line(double intercept, double slope, double fit) {}

    /// The reference shape: vision of 6 layers of 192 on two pictures of 64 x 64 with patches of 8,
    /// language model of 6 layers of 256, expert of 6 of 128, 8 heads of 32, 16 words, chunks of
    /// 16; feed-forward layers of four times the width.
    static Pi0Config.Model peer() {
        return new Pi0Config.Model(
                Pi0Variant.PI0,
                new SiglipConfig(192, 6, 6, 768, 8, List.of(), List.of(64)),
                new GemmaConfig(256, 6, 1024, 8, 1, 32),
                new GemmaConfig(128, 6, 512, 8, 1, 32),
                new Pi0Config.Io(2048, 16, 32, 32, 16, DataAt.ZERO));
    }

    /// Measures on this machine, in about a minute.
    ///
    /// @param rounds calls of each item; the median counts
    /// @param trainSteps steps of training, more than 50
    /// @param progress told what is being measured
    public static Pi0Speed measure(int rounds, int trainSteps, Consumer<String> progress) {
        var model = Pi0Config.Model.tabletop();
        progress.accept("chunks");
        var bench = new Sampling(model, rounds);
        double prefix = bench.prefix(), step = bench.step();
        var chunks = new LinkedHashMap<Integer, Double>();
        STEPS.forEach(n -> chunks.put(n, bench.chunk(n, 1)));
        progress.accept("batches of chunks");
        var batches = new LinkedHashMap<Integer, Double>();
        BATCHES.forEach(b -> batches.put(b, bench.chunk(10, b)));
        progress.accept("data");
        double frames = frames(rounds);
        progress.accept("%d training steps".formatted(trainSteps));
        double steps = trainSteps(Pi0Config.laptop(), trainSteps);
        progress.accept("the reference shape");
        var peer = new Peer(rounds);
        return new Pi0Speed(
                prefix, step, chunks, batches, steps, frames, peer.train(), peer.sample());
    }

    /// The line that fits the chunks' times best (least squares).
    public Line line() {
        double n = chunkMillis.size();
        double x = chunkMillis.keySet().stream().mapToInt(k -> k).sum() / n;
        double y = chunkMillis.values().stream().mapToDouble(v -> v).sum() / n;
        double xx = 0, xy = 0, yy = 0;
        for (var point : chunkMillis.entrySet()) {
            double dx = point.getKey() - x, dy = point.getValue() - y;
            xx += dx * dx;
            xy += dx * dy;
            yy += dy * dy;
        }
        double slope = xy / xx;
        return new Line(y - slope * x, slope, yy == 0 ? 1 : slope * xy / yy);
    }

    /// The median time in ms, once the machine's code is warm.
    private static double median(int rounds, Runnable work) {
        long begun = System.nanoTime();
        for (int i = 0; i < WARM_UP || System.nanoTime() - begun < WARM_UP_NANOS; i++) {
            seconds(work);
        }
        var times = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            times[i] = 1000 * seconds(work);
        }
        Arrays.sort(times);
        return times[rounds / 2];
    }

    private static double seconds(Runnable work) {
        long start = System.nanoTime();
        try (var _ = TensorScope.open()) {
            work.run();
        }
        return (System.nanoTime() - start) / 1e9;
    }

    /// The laptop's policy at work.
    private static final class Sampling {
        private final Pi0 pi0;
        private final Pi0Checkpoint checkpoint;
        private final int rounds;
        private final List<Observation> observations = new ArrayList<>();

        Sampling(Pi0Config.Model model, int rounds) {
            this.rounds = rounds;
            pi0 = new Pi0(model, Seed.of(1));
            var spread = Statistics.of(List.of(new float[4], new float[] {1, 1, 1, 1}));
            checkpoint = Pi0Checkpoint.tabletop(pi0, Norms.of(spread, spread, Norms.Rule.MEAN_STD));
            var table = new Tabletop();
            for (int b = 0; b < BATCHES.getLast(); b++) {
                observations.add(table.reset(b));
            }
        }

        double chunk(int steps, int batch) {
            var policy = checkpoint.policy(steps);
            var some = observations.subList(0, batch);
            var seeds = some.stream().map(_ -> Seed.of(3)).toList();
            return median(rounds, () -> policy.chunks(some, seeds));
        }

        double prefix() {
            var input = new Input(pi0, 1);
            try (var _ = Grad.disabled()) {
                return median(rounds, () -> input.seen(pi0));
            }
        }

        double step() {
            var input = new Input(pi0, 1);
            try (var _ = Grad.disabled();
                    var _ = TensorScope.open()) {
                var seen = input.seen(pi0);
                var actions = input.noise.unsqueeze(1);
                var course = pi0.course(seen, actions);
                var timing = pi0.schedule(1);
                return median(rounds, () -> course.velocity(actions, timing));
            }
        }
    }

    /// Random input of a model's shape.
    private static final class Input {
        final Pi0.Prompt prompt;
        final Tensor state, noise;

        Input(Pi0 pi0, int batch) {
            var io = pi0.config().io();
            var images = new ArrayList<Tensor>();
            var there = new ArrayList<Tensor>();
            for (int camera = 0; camera < 2; camera++) {
                int side = pi0.config().vision().imageSize(camera);
                images.add(Seed.of(camera).uniform(batch, 3, side, side));
                there.add(Tensor.ones(DType.BOOL, batch));
            }
            prompt =
                    new Pi0.Prompt(
                            images,
                            there,
                            Seed.of(5).integers(100, batch, io.textTokens()),
                            Tensor.ones(DType.BOOL, batch, io.textTokens()));
            state = Seed.of(6).normal(batch, io.stateDims());
            noise = Seed.of(7).normal(batch, io.horizon(), io.actionDims());
        }

        Pi0.Prefix seen(Pi0 pi0) {
            return pi0.observe(pi0.encode(prompt), state);
        }
    }

    /// The reference shape, forward and backward, and sampling.
    private static final class Peer {
        private final Pi0 pi0 = new Pi0(peer(), Seed.of(2));
        private final int rounds;

        Peer(int rounds) {
            this.rounds = rounds;
        }

        double train() {
            var input = new Input(pi0, PEER_BATCH);
            var optimizer = new AdamW(pi0.parameters(), 1e-3);
            var actions = Seed.of(8).normal(input.noise.shape()).unsqueeze(1);
            var time = Seed.of(9).uniform(PEER_BATCH, 1).to(DType.F64);
            return median(
                    rounds,
                    () -> {
                        optimizer.clearGradients();
                        var errors =
                                pi0.errors(
                                        input.seen(pi0), actions, input.noise.unsqueeze(1), time);
                        errors.mean().backward();
                    });
        }

        double sample() {
            try (var _ = Grad.disabled();
                    var _ = TensorScope.open()) {
                var input = new Input(pi0, 1);
                var schedule = pi0.schedule(10);
                return median(rounds, () -> pi0.sample(input.seen(pi0), input.noise, schedule));
            }
        }
    }

    /// A recipe on little data.
    private static Pi0Config onFew(Pi0Config like) {
        return like.with(new Pi0Config.Demonstrations(like.demonstrations().families(), 10, ""));
    }

    private static double frames(int rounds) {
        try (var data = Pi0Data.record(onFew(Pi0Config.laptop()), 1)) {
            return 1000 * DATA_BATCH / median(rounds, () -> data.batch(DATA_BATCH, 0, Seed.of(4)));
        }
    }

    /// Steps a second of the two stages.
    record Pace(double questions, double actions) {

        /// Steps a second of a training whose stages are as long beside each other as those of
        /// `config`.
        double of(Pi0Config config) {
            double first = config.grounding().steps(), second = config.training().steps();
            return (first + second) / (first / questions + second / actions);
        }
    }

    /// The pace of this machine: trains some steps of both stages as a preset does and reads the
    /// run's own clock, the first half of each stage aside. A stage of no step takes no time.
    static Pace pace(Pi0Config like, int questions, int actions) {
        var log = log(onFew(like).withSteps(questions, actions));
        long all = questions + actions;
        return new Pace(
                rate(log, questions / 2, questions), rate(log, questions + actions / 2, all));
    }

    /// Steps of stage 1 a second; see [#pace].
    static double trainSteps(Pi0Config like, int steps) {
        return pace(like, 0, steps).actions();
    }

    private static double rate(List<Metrics.Entry> log, long from, long to) {
        var steps = log.stream().filter(e -> e.step() >= from && e.step() < to).toList();
        return steps.size() < 2
                ? Double.POSITIVE_INFINITY
                : (steps.getLast().step() - steps.getFirst().step())
                        / (steps.getLast().seconds() - steps.getFirst().seconds());
    }

    /// What a training logs that leaves nothing else behind.
    private static List<Metrics.Entry> log(Pi0Config config) {
        Path folder = null;
        try {
            folder = Files.createTempDirectory("orrery-bench");
            var info = RunInfo.now("pi0", "custom", 1, config);
            try (var run = Run.create(folder.resolve("run"), info, Progress.silent())) {
                Pi0Recipe.trainOnly(config, run);
            }
            return Metrics.read(folder.resolve("run"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (folder != null) {
                delete(folder);
            }
        }
    }

    private static void delete(Path folder) {
        try (var all = Files.walk(folder)) {
            for (var path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
