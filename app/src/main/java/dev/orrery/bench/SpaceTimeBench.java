package dev.orrery.bench;

import dev.orrery.nn.Layer;
import dev.orrery.nn.Module;
import dev.orrery.nn.TransformerBlock;
import dev.orrery.nn.Visibility;
import dev.orrery.optim.AdamW;
import dev.orrery.optim.Replicas;
import dev.orrery.spacetime.SpatioTemporalBlock;
import dev.orrery.spacetime.SpatioTemporalTransformer;
import dev.orrery.spacetime.TokenGrid;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// Transformers over video: a training step of the reference shape, and what attention in space and
/// time apart costs beside attention over all tokens at once, as clips grow longer.
public final class SpaceTimeBench {

    private static final int BATCH = 4, FRAMES = 16, SIDE = 8, WIDTH = 256, BLOCKS = 6, HEADS = 8;
    private static final int VOCABULARY = 1024, NARROW = 128, NARROW_HEADS = 4, WARM_UP = 2;

    /// Lengths of clips in frames whose cost is measured.
    public static final List<Integer> LENGTHS = List.of(1, 2, 4, 8, 16, 32);

    /// Tokens of a training step of the reference shape.
    public static final int TOKENS = BATCH * FRAMES * SIDE * SIDE;

    private SpaceTimeBench() {}

    /// The training step for [PeerComparison]: 4 clips of 16 frames of 64 tokens, 6 blocks of 256,
    /// 1024 ids, AdamW. Each core takes its share of the clips, on a thread that stays, as in
    /// training. Until closed, other operations run on one thread.
    public static final class Step implements AutoCloseable {

        private final SpatioTemporalTransformer model = model();
        private final AdamW optimizer = new AdamW(model.parameters(), 1e-3);
        private final Tensor table = TensorScope.release(Seed.of(2).normal(VOCABULARY, WIDTH));
        private final Tensor ids =
                TensorScope.release(Seed.of(3).integers(VOCABULARY, BATCH, FRAMES, SIDE * SIDE));
        private Optional<Replicas<SpatioTemporalTransformer>> replicas = Optional.empty();

        /// What is measured.
        public PeerComparison.Item item() {
            return new PeerComparison.Item("ST-transformer train step", "st", this::run);
        }

        private void run() {
            // the first call makes them, once the peer has been told the engine's threads
            if (replicas.isEmpty()) {
                replicas = Optional.of(Replicas.of(model, SpaceTimeBench::model));
            }
            var copies = replicas.get();
            int clips = BATCH / copies.count();
            copies.each(share -> {
                var own = ids.narrow(0, (long) share * clips, clips);
                return gradients(copies.model(share), own, table);
            });
            copies.gather();
            optimizer.step();
            optimizer.clearGradients();
        }

        @Override
        public void close() {
            replicas.ifPresent(Replicas::close);
            table.close();
            ids.close();
        }
    }

    private static SpatioTemporalTransformer model() {
        return new SpatioTemporalTransformer(
                new SpatioTemporalTransformer.Config(
                        SpatioTemporalBlock.Config.of(WIDTH, HEADS),
                        BLOCKS,
                        TokenGrid.of(SIDE, SIDE),
                        FRAMES,
                        WIDTH,
                        VOCABULARY),
                Seed.of(1));
    }

    private static double gradients(SpatioTemporalTransformer model, Tensor ids, Tensor table) {
        try (var _ = TensorScope.open()) {
            var logits = model.forward(Functional.embedding(ids, table));
            var loss = Functional.crossEntropy(logits.flatten(0, 2), ids.flatten());
            loss.backward();
            return loss.item();
        }
    }

    /// Milliseconds of a forward pass of one block on one clip, by its length in frames.
    ///
    /// @param apart attention in each frame, then over time at each place
    /// @param whole attention over all tokens
    public record Cost(SequencedMap<Integer, Double> apart, SequencedMap<Integer, Double> whole) {

        /// The exponents of the costs between the two longest clips: cost grows as length to this.
        public Map<String, Double> growth() {
            return Map.of("apart", growth(apart), "whole", growth(whole));
        }

        private static double growth(SequencedMap<Integer, Double> cost) {
            var last = cost.lastEntry();
            var before = new ArrayList<>(cost.entrySet()).get(cost.size() - 2);
            return Math.log(last.getValue() / before.getValue())
                    / Math.log((double) last.getKey() / before.getKey());
        }
    }

    /// Measures both for every length of clip, in turn.
    public static Cost cost(int rounds, Consumer<String> progress) {
        var apart = new LinkedHashMap<Integer, Double>();
        var whole = new LinkedHashMap<Integer, Double>();
        var block =
                new SpatioTemporalBlock(
                        SpatioTemporalBlock.Config.of(NARROW, NARROW_HEADS), Seed.of(4));
        var full = TransformerBlock.of(NARROW, NARROW_HEADS, 4, Visibility.full(), Seed.of(5));
        for (int length : LENGTHS) {
            progress.accept("attention over %d frames".formatted(length));
            apart.put(length, millis(block, x -> x, length, rounds));
            whole.put(length, millis(full, x -> x.flatten(1, 2), length, rounds));
        }
        return new Cost(apart, whole);
    }

    private static <L extends Module & Layer> double millis(
            L layer, UnaryOperator<Tensor> view, int length, int rounds) {
        var times = new double[rounds];
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            var x = view.apply(Seed.of(6).normal(1, length, SIDE * SIDE, NARROW));
            for (int i = -WARM_UP; i < rounds; i++) {
                try (var _ = TensorScope.open()) {
                    long start = System.nanoTime();
                    layer.forward(x);
                    if (i >= 0) times[i] = (System.nanoTime() - start) / 1e6;
                }
            }
        }
        return Measurement.median(times);
    }
}
