package dev.orrery.lm.encoder;

import dev.orrery.checkpoint.Weights;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.PublicWeights;
import dev.orrery.lm.Trace;
import dev.orrery.nn.Attention;
import dev.orrery.nn.Embedding;
import dev.orrery.nn.Init;
import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// RoBERTa and XLM-RoBERTa: ids `(B, T)` to hidden states `(B, T, D)`, and with their
/// masked-language head to logits `(B, T, V)`.
///
/// Norms after each branch. Positions count the tokens that are not padding, from `padding + 1`.
/// Names: `roberta.embeddings`, `roberta.encoder.layer.{i}`, `lm_head`; the head's output layer is
/// the embedding with a bias, unless the configuration says that it is not. Encoders that were
/// published without the head, such as those of sentences, lack the leading `roberta.` and may have
/// a `pooler`; of files with the head, or with a classifier, the encoder alone is read, too.
/// Source: arXiv:1907.11692, 1911.02116.
public final class Roberta extends Module {

    private static final String ROOT = "roberta.";

    private final RobertaConfig config;
    private final Embedding words, positions, types;
    private final LayerNorm embeddingNorm;
    private final List<Block> layers = new ArrayList<>();
    private final Optional<Head> head;
    private final Optional<Linear> pooler;

    /// With the masked-language head.
    public Roberta(RobertaConfig config, Seed seed) {
        this(config, Top.HEAD, seed);
    }

    /// What is on the encoder.
    private enum Top {
        HEAD,
        POOLER,
        NOTHING
    }

    private Roberta(RobertaConfig config, Top top, Seed seed) {
        this.config = config;
        int width = config.width();
        double epsilon = config.style().epsilon();
        var padding = OptionalLong.of(config.padding());
        words = table("word_embeddings", config.vocabulary(), padding, seed);
        positions = table("position_embeddings", config.positions(), padding, seed);
        types = table("token_type_embeddings", config.style().types(), OptionalLong.empty(), seed);
        embeddingNorm = child("roberta.embeddings.LayerNorm", new LayerNorm(width, epsilon));
        for (int i = 0; i < config.depth(); i++) {
            layers.add(child("roberta.encoder.layer." + i, new Block(config, seed.split(i))));
        }
        head =
                top == Top.HEAD
                        ? Optional.of(child("lm_head", new Head(config, seed)))
                        : Optional.empty();
        pooler =
                top == Top.POOLER
                        ? Optional.of(
                                child(
                                        "roberta.pooler.dense",
                                        new Linear(width, width, seed.split("pooler"))))
                        : Optional.empty();
    }

    private Embedding table(String name, int rows, OptionalLong padding, Seed seed) {
        return child(
                "roberta.embeddings." + name,
                new Embedding(rows, config.width(), 0.02, padding, seed.split(name)));
    }

    /// Opens published weights.
    public static Roberta open(PublicConfig config, Path weights) {
        return weights(config).open(weights);
    }

    /// Opens an encoder that was published without the masked-language head.
    public static Roberta openEncoder(PublicConfig config, Path weights) {
        return encoder(config, weights).open(weights);
    }

    /// How the weights of an encoder without a head are read and written.
    ///
    /// @param weights what was published, looked at for a pooler
    public static PublicWeights<Roberta> encoder(PublicConfig config, Path weights) {
        var sizes = RobertaConfig.read(config);
        boolean pooled =
                Weights.inspect(weights).stream()
                        .flatMap(file -> file.tensors().stream())
                        .anyMatch(tensor -> tensor.name().endsWith("pooler.dense.weight"));
        return new PublicWeights<>(
                config,
                () -> new Roberta(sizes, pooled ? Top.POOLER : Top.NOTHING, Seed.of(0)),
                Roberta::encoderNames);
    }

    private static Map<String, Tensor> encoderNames(Map<String, Tensor> state) {
        boolean rooted = state.keySet().stream().anyMatch(name -> name.startsWith(ROOT));
        var own = new LinkedHashMap<String, Tensor>();
        state.forEach((name, tensor) -> {
            // beside a rooted encoder stand heads, whatever for
            if (name.startsWith(ROOT)) own.put(name, tensor);
            else if (!rooted && !name.startsWith("lm_head.")) own.put(ROOT + name, tensor);
        });
        return own;
    }

    /// How published weights of a configuration are read and written.
    public static PublicWeights<Roberta> weights(PublicConfig config) {
        var sizes = RobertaConfig.read(config);
        return new PublicWeights<>(
                config,
                () -> new Roberta(sizes, Seed.of(0)),
                state -> headNames(state, sizes.style().tied()));
    }

    private static Map<String, Tensor> headNames(Map<String, Tensor> state, boolean tied) {
        var own = new LinkedHashMap<>(state);
        own.keySet().removeIf(name -> name.startsWith("roberta.pooler."));
        if (tied) own.remove("lm_head.decoder.weight");
        // one bias under two names; where they differ, the output layer's counts
        var bias = own.remove("lm_head.decoder.bias");
        if (bias != null && (!tied || !own.containsKey("lm_head.bias"))) {
            own.put("lm_head.bias", bias);
        }
        return own;
    }

    /// The last hidden states `(B, T, D)`.
    ///
    /// @param ids `(B, T)`
    /// @param mask `(B, T)`, zero where a token is padding
    public Tensor encode(Tensor ids, Tensor mask, Trace trace) {
        int padding = config.padding();
        var real = ids.ne((long) padding).to(DType.I64);
        var places = real.cumsum(1).mul(real).add((long) padding);
        if (ids.size(1) + padding >= config.positions()) {
            throw new IllegalArgumentException(
                    "roberta: %d tokens, the position table has room for %d; cut the text"
                            .formatted(ids.size(1), config.positions() - padding - 1));
        }
        var x =
                embeddingNorm.forward(
                        words.forward(ids)
                                .add(types.forward(Tensor.zeros(DType.I64, ids.shape())))
                                .add(positions.forward(places)));
        var scores = Padding.hidden(mask);
        for (int i = 0; i < layers.size(); i++) {
            trace.hidden(i, x);
            x = layers.get(i).forward(x, scores, trace, i);
        }
        trace.hidden(layers.size(), x);
        return x;
    }

    /// Logits of every position.
    ///
    /// @param hidden `(B, T, D)` of [#encode]
    /// @throws IllegalStateException if it was opened without the head
    public Tensor logits(Tensor hidden) {
        var top =
                head.orElseThrow(() ->
                        new IllegalStateException(
                                "roberta: this encoder has no masked-language head"));
        var seen = top.forward(hidden);
        return top.decoder
                .map(decoder -> decoder.forward(seen))
                .orElseGet(() -> words.logits(seen))
                .add(top.bias);
    }

    /// One vector a text `(B, D)`: the first token's, through a layer and a tanh.
    ///
    /// @param hidden `(B, T, D)` of [#encode]
    /// @throws IllegalStateException if the encoder was published without a pooler
    public Tensor pooled(Tensor hidden) {
        return pooler.orElseThrow(() ->
                        new IllegalStateException(
                                "roberta: this encoder has no pooler; take the mean of its tokens"))
                .forward(hidden.select(1, 0))
                .tanh();
    }

    /// Whether there is a pooler.
    public boolean pools() {
        return pooler.isPresent();
    }

    /// What makes a word's embedding of a hidden state.
    private static final class Head extends Module {
        private final Linear dense;
        private final LayerNorm norm;
        private final Optional<Linear> decoder;
        private final Tensor bias;

        Head(RobertaConfig config, Seed seed) {
            int width = config.width();
            dense = child("dense", new Linear(width, width, seed.split("dense")));
            norm = child("layer_norm", new LayerNorm(width, config.style().epsilon()));
            decoder =
                    config.style().tied()
                            ? Optional.empty()
                            : Optional.of(
                                    child(
                                            "decoder",
                                            Linear.withoutBias(
                                                    width,
                                                    config.vocabulary(),
                                                    seed.split("decoder"))));
            bias = parameter("bias", Init.ZEROS, seed, config.vocabulary());
        }

        Tensor forward(Tensor hidden) {
            return norm.forward(Functional.gelu(dense.forward(hidden)));
        }
    }

    /// Attention and a feed-forward layer, each normalised after it is added.
    private static final class Block extends Module {
        private final RobertaConfig config;
        private final Linear query, key, value, out, up, down;
        private final LayerNorm middle, last;

        Block(RobertaConfig config, Seed seed) {
            this.config = config;
            int width = config.width();
            double epsilon = config.style().epsilon();
            query = linear("attention.self.query", width, width, seed);
            key = linear("attention.self.key", width, width, seed);
            value = linear("attention.self.value", width, width, seed);
            out = linear("attention.output.dense", width, width, seed);
            middle = child("attention.output.LayerNorm", new LayerNorm(width, epsilon));
            up = linear("intermediate.dense", width, config.mlp(), seed);
            down = linear("output.dense", config.mlp(), width, seed);
            last = child("output.LayerNorm", new LayerNorm(width, epsilon));
        }

        private Linear linear(String name, long from, long to, Seed seed) {
            return child(name, new Linear(from, to, seed.split(name)));
        }

        Tensor forward(Tensor x, Tensor bias, Trace trace, int layer) {
            int heads = config.heads();
            var q = Attention.splitHeads(query.forward(x), heads);
            var k = Attention.splitHeads(key.forward(x), heads);
            var v = Attention.splitHeads(value.forward(x), heads);
            double scale = 1 / Math.sqrt((double) config.width() / heads);
            var scores = q.matmul(k.transpose(-2, -1)).mul(scale).add(bias);
            var probabilities = Functional.softmax(scores, -1);
            trace.attention(layer, probabilities);
            var attended = out.forward(Attention.joinHeads(probabilities.matmul(v)));
            var sum = middle.forward(attended.add(x));
            var hidden = config.style().activation().forward(up.forward(sum));
            return last.forward(down.forward(hidden).add(sum));
        }
    }
}
