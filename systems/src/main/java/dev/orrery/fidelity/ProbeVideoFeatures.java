package dev.orrery.fidelity;

import dev.orrery.env.Dice;
import dev.orrery.env.platformer.PlatformerAction;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.optim.AdamW;
import dev.orrery.optim.Schedule;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.function.UnaryOperator;

/// Features of the network of [RandomVideoFeatures] after it was trained to say what happens in
/// clips of the platformer: where the player is and how fast, where the view is, and what is done.
///
/// The targets are means over the clip, as the features are: x and y of the player in the picture,
/// its speed across and down, the scroll, and the share of each (effective) action; each scaled to
/// mean 0 and deviation 1. A linear layer on the features predicts all of them by squared error.
public final class ProbeVideoFeatures implements VideoFeatures, AutoCloseable {

    /// Names of the targets, in their order.
    public static final List<String> TARGETS = targets();

    private static final double RATE = 1e-3;

    private final VideoNet net;
    private final Linear head;
    private final Scale scale;
    private final UnaryOperator<Clip> view;
    private final String hash;

    /// @param steps of the optimiser
    /// @param batch clips a step
    /// @param clips clips learned from
    public record Training(int steps, int batch, int clips) {

        /// 300 steps of 8 of 1 024 clips.
        public static final Training USUAL = new Training(300, 8, 1_024);

        public Training {
            if (steps < 1 || batch < 1 || clips < batch) {
                throw new IllegalArgumentException(
                        "probe with %d steps of %d from %d clips; use at least 1 step and as many clips as a batch has"
                                .formatted(steps, batch, clips));
            }
        }
    }

    private record Scale(double[] mean, double[] deviation) {

        static Scale of(List<double[]> rows) {
            int dims = rows.getFirst().length;
            var mean = new double[dims];
            var deviation = new double[dims];
            for (int d = 0; d < dims; d++) {
                int at = d;
                double m = rows.stream().mapToDouble(r -> r[at]).average().orElseThrow();
                double square =
                        rows.stream()
                                .mapToDouble(r -> (r[at] - m) * (r[at] - m))
                                .average()
                                .orElseThrow();
                mean[d] = m;
                deviation[d] = Math.max(1e-6, Math.sqrt(square));
            }
            return new Scale(mean, deviation);
        }

        float[] apply(double[] row) {
            var scaled = new float[row.length];
            for (int d = 0; d < row.length; d++) {
                scaled[d] = (float) ((row[d] - mean[d]) / deviation[d]);
            }
            return scaled;
        }
    }

    private static final class Probe extends Module {
        final VideoNet net;
        final Linear head;

        Probe(Seed seed) {
            net = child("net", new VideoNet(seed.split("net")));
            head = child("head", new Linear(VideoNet.DIMS, TARGETS.size(), seed.split("head")));
        }
    }

    private ProbeVideoFeatures(Probe probe, Scale scale, UnaryOperator<Clip> view) {
        net = probe.net;
        head = probe.head;
        this.scale = scale;
        this.view = view;
        hash = net.hash();
    }

    /// Trains on clips of levels that nothing else should use.
    ///
    /// @param level seed of each episode's level
    /// @param frames T of the clips
    /// @param view what to make of a clip before it is looked at, such as shrinking it
    public static ProbeVideoFeatures train(
            Training training,
            IntToLongFunction level,
            int frames,
            UnaryOperator<Clip> view,
            Seed seed) {
        var clips = PlatformerClip.collect(level, training.clips(), frames, false);
        var targets = clips.stream().map(ProbeVideoFeatures::target).toList();
        var scale = Scale.of(targets);
        var probe = new Probe(seed);
        var optimizer = new AdamW(probe.namedParameters(), AdamW.Settings.of(RATE));
        var rate = Schedule.warmupCosine(RATE, 0, training.steps() / 20, training.steps());
        var dice = Dice.of(seed.key(), 41);
        for (int step = 0; step < training.steps(); step++) {
            try (var _ = TensorScope.open()) {
                optimizer.learningRate(rate.at(step));
                var batch = new ArrayList<Clip>();
                var wanted = new float[training.batch() * TARGETS.size()];
                for (int b = 0; b < training.batch(); b++) {
                    int which = dice.nextInt(clips.size());
                    batch.add(view.apply(clips.get(which).clip()));
                    System.arraycopy(
                            scale.apply(targets.get(which)),
                            0,
                            wanted,
                            b * TARGETS.size(),
                            TARGETS.size());
                }
                var target = Tensor.of(wanted, training.batch(), TARGETS.size());
                probe.clearGradients();
                Functional.mseLoss(
                                probe.head.forward(probe.net.forward(VideoNet.tensor(batch))),
                                target)
                        .backward();
                optimizer.step();
            }
        }
        probe.freeze();
        return new ProbeVideoFeatures(probe, scale, view);
    }

    /// The share of the variance of each target that the probe explains on other clips; 1 is all, 0
    /// what a constant does.
    public double[] explained(List<PlatformerClip> clips) {
        var seen = of(clips.stream().map(c -> view.apply(c.clip())).toList());
        int dims = TARGETS.size();
        var errors = new double[dims];
        var squares = new double[dims];
        var means = new double[dims];
        var wanted = clips.stream().map(c -> scale.apply(target(c))).toList();
        float[] predicted;
        try (var _ = TensorScope.open()) {
            var flat = new float[seen.length * VideoNet.DIMS];
            for (int i = 0; i < seen.length; i++) {
                System.arraycopy(seen[i], 0, flat, i * VideoNet.DIMS, VideoNet.DIMS);
            }
            predicted = head.forward(Tensor.of(flat, seen.length, VideoNet.DIMS)).toFloats();
        }
        for (int i = 0; i < clips.size(); i++) {
            for (int d = 0; d < dims; d++) {
                double gap = wanted.get(i)[d] - predicted[i * dims + d];
                errors[d] += gap * gap;
                squares[d] += wanted.get(i)[d] * wanted.get(i)[d];
                means[d] += wanted.get(i)[d] / clips.size();
            }
        }
        var shares = new double[dims];
        for (int d = 0; d < dims; d++) {
            shares[d] =
                    1 - errors[d] / Math.max(1e-9, squares[d] - clips.size() * means[d] * means[d]);
        }
        return shares;
    }

    @Override
    public String name() {
        return "probe-fvd";
    }

    @Override
    public String hash() {
        return hash;
    }

    @Override
    public float[][] of(List<Clip> clips) {
        return net.features(clips);
    }

    @Override
    public void close() {
        net.close();
        head.close();
    }

    private static double[] target(PlatformerClip clip) {
        var target = new double[TARGETS.size()];
        double frames = clip.frames(), steps = frames - 1;
        for (var moment : clip.moments()) {
            target[0] += moment.x() / frames;
            target[1] += moment.y() / frames;
            target[4] += moment.scroll() / frames;
        }
        var first = clip.moments().getFirst();
        var last = clip.moments().getLast();
        target[2] = (last.x() + last.scroll() - first.x() - first.scroll()) / steps;
        target[3] = (last.y() - first.y()) / steps;
        for (var step : clip.steps()) {
            target[5 + step.effective().ordinal()] += 1 / steps;
        }
        return target;
    }

    private static List<String> targets() {
        var names = new ArrayList<>(List.of("x", "y", "vx", "vy", "scroll"));
        for (var action : PlatformerAction.values()) {
            names.add(action.name().toLowerCase(java.util.Locale.ROOT));
        }
        return List.copyOf(names);
    }
}
