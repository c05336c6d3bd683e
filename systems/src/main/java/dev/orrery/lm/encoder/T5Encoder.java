package dev.orrery.lm.encoder;

import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.PublicWeights;
import dev.orrery.lm.Trace;
import dev.orrery.nn.Attention;
import dev.orrery.nn.Embedding;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.RmsNorm;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// T5's text encoder: ids `(B, T)` to `(B, T, D)`.
///
/// RMS norms before each branch, scores without a scale, and a learned bias for each bucket of
/// relative positions, which the first layer holds for all; in UMT5 each has its own. Names:
/// `shared`, `encoder.block.{i}.layer.0.SelfAttention.{q,k,v,o}`, `….relative_attention_bias` in
/// block 0, `….layer.1.DenseReluDense.{wi | wi_0, wi_1, wo}`, `….layer_norm`,
/// `encoder.final_layer_norm`.
///
/// Source: arXiv:1910.10683; the gated form is T5 1.1.
public final class T5Encoder extends Module {

    private final T5Config config;
    private final Embedding shared;
    private final List<Embedding> biases = new ArrayList<>();
    private final List<Block> blocks = new ArrayList<>();
    private final RmsNorm norm;

    public T5Encoder(T5Config config, Seed seed) {
        this.config = config;
        shared =
                child(
                        "shared",
                        new Embedding(config.vocabulary(), config.width(), seed.split("shared")));
        for (int i = 0; i < (config.buckets().everywhere() ? config.depth() : 1); i++) {
            biases.add(bias(i, i == 0 ? seed.split("bias") : seed.split("bias").split(i)));
        }
        for (int i = 0; i < config.depth(); i++) {
            blocks.add(child("encoder.block." + i, new Block(config, seed.split(i))));
        }
        norm = child("encoder.final_layer_norm", new RmsNorm(config.width(), config.epsilon()));
    }

    private Embedding bias(int block, Seed seed) {
        return child(
                "encoder.block.%d.layer.0.SelfAttention.relative_attention_bias".formatted(block),
                new Embedding(config.buckets().count(), config.heads(), seed));
    }

    /// Opens published weights.
    public static T5Encoder open(PublicConfig config, Path weights) {
        return weights(config).open(weights);
    }

    /// How published weights of a configuration are read and written.
    public static PublicWeights<T5Encoder> weights(PublicConfig config) {
        var sizes = T5Config.read(config);
        return new PublicWeights<>(
                config, () -> new T5Encoder(sizes, Seed.of(0)), T5Encoder::ownNames);
    }

    private static Map<String, Tensor> ownNames(Map<String, Tensor> state) {
        var own = new LinkedHashMap<>(state);
        own.keySet().removeIf(name -> name.startsWith("decoder.") || name.equals("lm_head.weight"));
        // the words may be stored under either name, or under both
        var words = own.remove("encoder.embed_tokens.weight");
        if (words != null) own.putIfAbsent("shared.weight", words);
        return own;
    }

    /// The last hidden states, normalised.
    ///
    /// @param ids `(B, T)`
    /// @param mask `(B, T)`, zero where a token is padding
    public Tensor forward(Tensor ids, Tensor mask, Trace trace) {
        long length = ids.size(1);
        var distances = distances(length);
        var hidden = Padding.hidden(mask);
        var scores = biases.stream().map(b -> near(b, distances).add(hidden)).toList();
        var x = shared.forward(ids);
        for (int i = 0; i < blocks.size(); i++) {
            trace.hidden(i, x);
            x = blocks.get(i).forward(x, scores.get(Math.min(i, scores.size() - 1)), trace, i);
        }
        var last = norm.forward(x);
        trace.hidden(blocks.size(), last);
        return last;
    }

    private static Tensor near(Embedding bias, Tensor distances) {
        return bias.forward(distances).permute(2, 0, 1).unsqueeze(0);
    }

    /// The bucket of each pair of query and key: `(T, T)`.
    private Tensor distances(long length) {
        var ids = new long[(int) (length * length)];
        for (int query = 0; query < length; query++) {
            for (int key = 0; key < length; key++) {
                ids[(int) (query * length + key)] = bucket(key - query);
            }
        }
        return Tensor.of(ids, length, length);
    }

    private long bucket(int offset) {
        int half = config.buckets().count() / 2, exact = half / 2, distance = Math.abs(offset);
        int side = offset > 0 ? half : 0;
        if (distance < exact) return side + distance;
        // in float, as the reference computes it
        float share = (float) Math.log((float) distance / exact);
        float all = (float) Math.log((double) config.buckets().farthest() / exact);
        int far = exact + (int) (share / all * (half - exact));
        return side + Math.min(far, half - 1);
    }

    /// Self-attention, then a feed-forward layer.
    private static final class Block extends Module {
        private final T5Config config;
        private final RmsNorm before, middle;
        private final Linear query, key, value, out, down;
        private final Linear up;
        private final Optional<Linear> gate;

        Block(T5Config config, Seed seed) {
            this.config = config;
            long width = config.width(), inner = (long) config.heads() * config.headWidth();
            long hidden = config.mlp().hidden();
            var attention = "layer.0.SelfAttention.";
            query = linear(attention + "q", width, inner, seed);
            key = linear(attention + "k", width, inner, seed);
            value = linear(attention + "v", width, inner, seed);
            out = linear(attention + "o", inner, width, seed);
            before = child("layer.0.layer_norm", new RmsNorm(width, config.epsilon()));
            var mlp = "layer.1.DenseReluDense.";
            gate =
                    config.mlp().gated()
                            ? Optional.of(linear(mlp + "wi_0", width, hidden, seed))
                            : Optional.empty();
            up = linear(mlp + (config.mlp().gated() ? "wi_1" : "wi"), width, hidden, seed);
            down = linear(mlp + "wo", hidden, width, seed);
            middle = child("layer.1.layer_norm", new RmsNorm(width, config.epsilon()));
        }

        private Linear linear(String name, long from, long to, Seed seed) {
            return child(name, Linear.withoutBias(from, to, seed.split(name)));
        }

        Tensor forward(Tensor x, Tensor bias, Trace trace, int layer) {
            var n = before.forward(x);
            int heads = config.heads();
            var q = Attention.splitHeads(query.forward(n), heads);
            var k = Attention.splitHeads(key.forward(n), heads);
            var v = Attention.splitHeads(value.forward(n), heads);
            var probabilities = Functional.softmax(q.matmul(k.transpose(-2, -1)).add(bias), -1);
            trace.attention(layer, probabilities);
            var sum = x.add(out.forward(Attention.joinHeads(probabilities.matmul(v))));
            return sum.add(mlp(middle.forward(sum)));
        }

        private Tensor mlp(Tensor x) {
            var activation = config.mlp().activation();
            var hidden =
                    gate.map(g -> activation.forward(g.forward(x)).mul(up.forward(x)))
                            .orElseGet(() -> activation.forward(up.forward(x)));
            return down.forward(hidden);
        }
    }
}
