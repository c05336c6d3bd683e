package dev.orrery.lm.decoder;

import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.PublicWeights;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A language model: ids `(B, T)` to logits `(B, T, V)`, float32 whatever the weights are.
///
/// Names: `model` ([Decoder]) and `lm_head.weight`, which tied models lack.
public final class CausalLm extends Module {

    private static final String HEAD = "lm_head.weight", EMBEDDING = "model.embed_tokens.weight";
    private static final List<String> PARTS = List.of("embed_tokens.", "layers.", "norm.");

    private final Decoder model;
    private final Optional<Linear> head, tied;

    public CausalLm(DecoderConfig config, Seed seed) {
        model = child("model", new Decoder(config, seed.split("model")));
        head =
                config.tied()
                        ? Optional.empty()
                        : Optional.of(
                                child(
                                        "lm_head",
                                        Linear.withoutBias(
                                                config.width(),
                                                config.vocabulary(),
                                                seed.split("lm_head"))));
        tied =
                config.tied()
                        ? Optional.of(view("lm_head", Linear.tied(model.embedding())))
                        : Optional.empty();
    }

    /// Opens a published folder: `config.json` beside `model.safetensors` or its shards. Weights
    /// are mapped, not copied, and keep their type.
    ///
    /// @throws dev.orrery.checkpoint.CheckpointException naming what is missing, unexpected or
    ///   misshapen
    public static CausalLm open(Path folder) {
        return open(PublicConfig.read(folder.resolve("config.json")), folder);
    }

    /// Opens weights, a file or a folder, of a configuration that was read elsewhere.
    public static CausalLm open(PublicConfig config, Path weights) {
        return weights(config).open(weights);
    }

    /// How published weights of a configuration are read and written.
    ///
    /// Besides its own names those of a transformer that was saved alone (`layers.0…`) or inside
    /// another model (`language_model.…`) are understood.
    public static PublicWeights<CausalLm> weights(PublicConfig config) {
        return weights(config, DecoderFamily.read(config));
    }

    /// How published weights are read where only the transformer counts: without an output layer,
    /// whether the files have one or not.
    public static PublicWeights<CausalLm> transformer(PublicConfig config) {
        return weights(config, DecoderFamily.read(config).withTied(true));
    }

    private static PublicWeights<CausalLm> weights(PublicConfig config, DecoderConfig sizes) {
        return new PublicWeights<>(
                config,
                () -> new CausalLm(sizes, Seed.of(0)),
                state -> ownNames(state, sizes.tied()));
    }

    private static Map<String, Tensor> ownNames(Map<String, Tensor> state, boolean tied) {
        var own = new LinkedHashMap<String, Tensor>();
        state.forEach((name, tensor) -> {
            // what judges or classifies texts is no part of a language model
            if (!name.startsWith("score.")) own.put(ownName(name), tensor);
        });
        // a tied model may have been saved under either name, or both
        if (tied && own.containsKey(HEAD)) {
            var head = own.remove(HEAD);
            own.putIfAbsent(EMBEDDING, head);
        }
        return own;
    }

    private static String ownName(String name) {
        var inner = name.replaceFirst("^(model\\.)?language_model\\.", "");
        boolean bare = PARTS.stream().anyMatch(inner::startsWith);
        return bare ? "model." + inner : inner;
    }

    /// The transformer.
    public Decoder model() {
        return model;
    }

    /// The output layer, which tied models lack.
    public Optional<Linear> head() {
        return head;
    }

    /// Logits of every position.
    ///
    /// @param ids `(B, T)`
    public Tensor forward(Tensor ids, DecoderPass pass) {
        return logits(model.forward(model.embed(ids), pass));
    }

    /// Logits `(..., V)` of hidden states `(..., D)`.
    public Tensor logits(Tensor hidden) {
        var raw =
                head.or(() -> tied.filter(t -> !t.isUnchanged()))
                        .map(h -> h.forward(hidden))
                        .orElseGet(() -> model.embedding().logits(hidden));
        double cap = model.config().style().logitCap();
        var logits = raw.to(DType.F32);
        return cap > 0 ? logits.div(cap).tanh().mul(cap) : logits;
    }

    /// Mean cross-entropy of each token given those before it.
    ///
    /// @param logits `(B, T, V)`
    /// @param labels `(B, T)`, the tokens themselves, or -100 where none is asked for
    public static Tensor loss(Tensor logits, Tensor labels) {
        long length = logits.size(1);
        return Functional.crossEntropy(
                logits.narrow(1, 0, length - 1).flatten(0, 1),
                labels.narrow(1, 1, length - 1).flatten(0, 1),
                -100,
                0);
    }
}
