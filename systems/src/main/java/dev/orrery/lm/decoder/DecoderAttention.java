package dev.orrery.lm.decoder;

import dev.orrery.lm.Trace;
import dev.orrery.nn.Attention;
import dev.orrery.nn.AttentionConfig.Biases;
import dev.orrery.nn.KvCache;
import dev.orrery.nn.Layer;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.Rotation;
import dev.orrery.nn.Visibility;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.Optional;

/// A decoder's self-attention: `(B, T, D) -> (B, T, D)`, or for the last tokens only.
///
/// Names: `q_proj`, `k_proj`, `v_proj`, `o_proj`, and `q_norm`, `k_norm` where heads are
/// normalised. Runs the fused kernel, or by hand where scores are capped or probabilities are
/// shown.
final class DecoderAttention extends Module {

    private final DecoderConfig.Heads heads;
    private final Linear query, key, value, out;
    private final Layer queryNorm, keyNorm;

    DecoderAttention(DecoderConfig config, Seed seed) {
        heads = config.heads();
        long width = config.width();
        long queries = (long) heads.count() * heads.width();
        long keys = (long) heads.keyValue() * heads.width();
        boolean biased = heads.biases() != Biases.NONE;
        query = child("q_proj", Linear.of(width, queries, biased, seed.split("q_proj")));
        key = child("k_proj", Linear.of(width, keys, biased, seed.split("k_proj")));
        value = child("v_proj", Linear.of(width, keys, biased, seed.split("v_proj")));
        boolean last = heads.biases() == Biases.ALL;
        out = child("o_proj", Linear.of(queries, width, last, seed.split("o_proj")));
        queryNorm = norm("q_norm", config);
        keyNorm = norm("k_norm", config);
    }

    private Layer norm(String name, DecoderConfig config) {
        return heads.normed()
                ? child(name, DecoderBlock.norm(heads.width(), config.style()))
                : Layer.identity();
    }

    /// @param asked how many tokens at the end look at others
    /// @param all who sees whom, of all tokens
    Tensor forward(
            Tensor x,
            long asked,
            Rotation turn,
            Visibility all,
            Optional<KvCache> cache,
            Trace trace,
            int layer) {
        var looking = DecoderBlock.last(x, asked);
        var seen = asked < x.size(1) ? all.ofLast(asked) : all;
        var q =
                turn.ofLast(asked)
                        .apply(queryNorm.forward(split(query.forward(looking), heads.count())));
        var k = turn.apply(keyNorm.forward(split(key.forward(x), heads.keyValue())));
        var v = split(value.forward(x), heads.keyValue());
        var entries = cache.map(c -> c.append(k, v)).orElseGet(() -> new KvCache.Entries(k, v));
        var mixed =
                heads.cap() > 0 || trace.records(layer)
                        ? byHand(q, entries, seen, trace, layer)
                        : Attention.attend(
                                q, entries.keys(), entries.values(), seen, heads.scale());
        return out.forward(Attention.joinHeads(mixed));
    }

    private static Tensor split(Tensor x, int count) {
        return Attention.splitHeads(x, count);
    }

    private Tensor byHand(
            Tensor q, KvCache.Entries entries, Visibility seen, Trace trace, int layer) {
        long group = heads.count() / heads.keyValue();
        var keys = entries.keys().repeatInterleave(group, 1);
        var values = entries.values().repeatInterleave(group, 1);
        var scores = capped(q.matmul(keys.transpose(-2, -1)).mul(heads.scale()));
        var masked =
                switch (seen) {
                    case Visibility.Masked(var mask) -> scores.add(mask);
                    case Visibility.Causal _ ->
                            scores.add(DecoderMask.causal(q.size(2), keys.size(2), 0));
                    case Visibility.Full _ -> scores;
                };
        var probabilities = Functional.softmax(masked, -1);
        trace.attention(layer, probabilities);
        return probabilities.matmul(values);
    }

    private Tensor capped(Tensor scores) {
        return heads.cap() > 0 ? scores.div(heads.cap()).tanh().mul(heads.cap()) : scores;
    }
}
