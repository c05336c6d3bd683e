package dev.orrery.bench;

import dev.orrery.lm.decoder.CausalLm;
import dev.orrery.lm.decoder.DecoderConfig;
import dev.orrery.lm.decoder.DecoderPass;
import dev.orrery.nn.Activation;
import dev.orrery.nn.AttentionConfig.Biases;
import dev.orrery.nn.Int8Weights;
import dev.orrery.nn.Kernels;
import dev.orrery.nn.KvCache;
import dev.orrery.nn.Module;
import dev.orrery.nn.Rotary;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How fast a decoder writes, beside what the memory allows: every token of one text reads every
/// weight once, so that tokens a second are at most bandwidth over bytes.
///
/// Weights are made up, all alike: speed does not depend on them. The prompt is one token and is
/// not counted.
public final class DecodeSpeed {

    /// The least share of the bandwidth, and the least gain of 16 texts at once.
    public static final double SHARE = 0.6, GAIN = 6;

    /// Texts at once.
    public static final int BATCH = 16;

    private static final long READ = 1L << 30;
    private static final int WARM = 2, READS = 5;

    /// How weights are kept.
    public enum Weights {
        F32,
        BF16,
        INT8;

        /// What multiplies them on this machine.
        public Kernels kernels() {
            return switch (this) {
                case F32 -> Kernels.of(DType.F32);
                case BF16 -> Kernels.of(DType.BF16);
                case INT8 -> Kernels.int8();
            };
        }
    }

    /// @param weights how they are kept
    /// @param kernels what multiplied them
    /// @param bytes read for each token
    /// @param predicted tokens a second that the bandwidth allows
    /// @param tokens tokens a second of one text
    /// @param gigabytes a second at that
    /// @param batch tokens a second of [#BATCH] texts together
    public record Result(
            Weights weights,
            String kernels,
            long bytes,
            double predicted,
            double tokens,
            double gigabytes,
            double batch) {

        /// The share of what the bandwidth allows.
        public double share() {
            return tokens / predicted;
        }

        /// How many times as much several texts write.
        public double gain() {
            return batch / tokens;
        }

        public boolean met() {
            return share() >= SHARE && gain() >= GAIN;
        }
    }

    private DecodeSpeed() {}

    /// Llama 3.2's shape with one billion parameters.
    public static DecoderConfig billion() {
        return shape(128_256, 2048, 8192, 32, 8, 64, 16);
    }

    /// A fortieth of it, beyond most caches still.
    public static DecoderConfig small() {
        return shape(16_384, 512, 2048, 8, 2, 64, 6);
    }

    /// @param heads query heads
    /// @param keyValue key and value heads
    /// @param head channels of a head
    public static DecoderConfig shape(
            int vocabulary, int width, int mlp, int heads, int keyValue, int head, int depth) {
        var scaling = new Rotary.Scaling.Llama3(32, 1, 4, 8192);
        var rotary = new Rotary(head, 500_000, Rotary.Layout.HALVES, scaling);
        return new DecoderConfig(
                vocabulary,
                width,
                mlp,
                new DecoderConfig.Heads(
                        heads, keyValue, head, Biases.NONE, false, Math.pow(head, -0.5), 0),
                new DecoderConfig.Style(1e-5, false, Activation.SILU, false, false, false, 0),
                DecoderConfig.Positions.everywhere(rotary, depth, 131_072),
                true);
    }

    /// Bytes a second that all threads read, the best of a few passes over a gigabyte.
    public static double bandwidth() {
        try (var _ = TensorScope.open();
                var _ = Grad.disabled()) {
            var data = Tensor.full(1, DType.F32, READ / 4);
            double best = Double.POSITIVE_INFINITY;
            for (int i = 0; i < READS; i++) {
                long start = System.nanoTime();
                data.sum().item();
                best = Math.min(best, (System.nanoTime() - start) / 1e9);
            }
            return READ / best;
        }
    }

    /// Measures one kind of weights.
    ///
    /// @param bandwidth of [#bandwidth]
    /// @param tokens written by each text
    public static Result measure(
            DecoderConfig shape, Weights weights, double bandwidth, int tokens) {
        try (var lm = filled(shape, weights == Weights.F32 ? DType.F32 : DType.BF16)) {
            var int8 =
                    weights == Weights.INT8
                            ? Optional.of(Int8Weights.of(lm))
                            : Optional.<Int8Weights>empty();
            long bytes = int8.map(Int8Weights::bytes).orElseGet(() -> stored(lm));
            double one = speed(lm, 1, tokens), many = speed(lm, BATCH, tokens);
            var kernels = Kernels.of(lm).products();
            int8.ifPresent(Int8Weights::close);
            return new Result(
                    weights, kernels, bytes, bandwidth / bytes, one, one * bytes / 1e9, many);
        }
    }

    private static CausalLm filled(DecoderConfig shape, DType type) {
        var lm = Module.unset(() -> new CausalLm(shape, Seed.of(0)));
        Map<String, Tensor> state = new LinkedHashMap<>();
        try (var _ = TensorScope.open()) {
            lm.stateDict()
                    .forEach((name, t) -> state.put(name, Tensor.full(0.01, type, t.shape())));
            lm.adopt(state);
        }
        lm.freeze();
        return lm;
    }

    private static long stored(CausalLm lm) {
        return lm.parameters().stream().mapToLong(p -> p.numel() * p.dtype().bytes()).sum();
    }

    /// Tokens a second of all texts together.
    private static double speed(CausalLm lm, int texts, int tokens) {
        var caches = lm.model().caches(WARM + tokens);
        try (var _ = Grad.disabled()) {
            var next = Tensor.zeros(DType.I64, texts, 1);
            long start = 0;
            for (int step = 0; step < WARM + tokens; step++) {
                if (step == WARM) start = System.nanoTime();
                next = step(lm, next, step, caches);
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            next.close();
            return texts * tokens / seconds;
        } finally {
            caches.forEach(KvCache::close);
        }
    }

    private static Tensor step(CausalLm lm, Tensor ids, long position, List<KvCache> caches) {
        try (var _ = TensorScope.open()) {
            var pass = DecoderPass.whole(1).at(Tensor.arange(position, position + 1)).after(caches);
            var chosen = TensorScope.release(lm.forward(ids, pass).argmax(-1, false));
            // the loop goes on only when the token is known
            chosen.select(0, 0).item();
            ids.close();
            return chosen;
        }
    }
}
