package dev.orrery.nn;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// Attention of a sequence to another: queries from `x (B, L, D)`, keys and values from a source
/// `(B, S, C)`; the result is `(B, L, D)`.
public final class CrossAttention extends Module {

    private final AttentionConfig config;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear output;
    private final Layer queryNorm;
    private final Layer keyNorm;

    /// @param config its names must be separate
    /// @param sourceWidth channels C of the source
    public CrossAttention(AttentionConfig config, long sourceWidth, Seed seed) {
        if (!(config.names() instanceof AttentionConfig.Names.Separate names))
            throw new IllegalArgumentException(
                    "queries and keys come from different inputs; use separate names");
        this.config = config;
        boolean biased = config.inputBias();
        long keys = config.keyWidth();
        query =
                child(
                        names.query(),
                        Linear.of(
                                config.width(),
                                config.queryWidth(),
                                biased,
                                seed.split(names.query())));
        key = child(names.key(), Linear.of(sourceWidth, keys, biased, seed.split(names.key())));
        value =
                child(
                        names.value(),
                        Linear.of(sourceWidth, keys, biased, seed.split(names.value())));
        output =
                child(
                        names.output(),
                        Linear.of(
                                config.queryWidth(),
                                config.width(),
                                config.outputBias(),
                                seed.split(names.output())));
        queryNorm = config.norm();
        keyNorm = config.norm();
        if (queryNorm instanceof Module norm) child("q_norm", norm);
        if (keyNorm instanceof Module norm) child("k_norm", norm);
    }

    /// Heads that split the width, with biases, named `q_proj`, `k_proj`, `v_proj`, `out_proj`.
    public static CrossAttention of(int width, int heads, long sourceWidth, Seed seed) {
        return new CrossAttention(
                AttentionConfig.of(width, heads).withNames(AttentionConfig.CLIP),
                sourceWidth,
                seed);
    }

    /// @param visibility which source positions each query sees
    public Tensor forward(Tensor x, Tensor source, Visibility visibility) {
        return forward(x, entries(source), visibility);
    }

    /// The source's keys and values, to be used for several queries.
    public KvCache.Entries entries(Tensor source) {
        var keys = keyNorm.forward(Attention.splitHeads(key.forward(source), config.keyHeads()));
        return new KvCache.Entries(
                keys, Attention.splitHeads(value.forward(source), config.keyHeads()));
    }

    /// With keys and values from [#entries].
    public Tensor forward(Tensor x, KvCache.Entries source, Visibility visibility) {
        var queries = queryNorm.forward(Attention.splitHeads(query.forward(x), config.heads()));
        var mixed = Attention.attend(queries, source.keys(), source.values(), visibility);
        return output.forward(Attention.joinHeads(mixed));
    }
}
