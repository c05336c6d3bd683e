package dev.orrery.nn;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.List;

/// Attention of a sequence to itself: `(B, L, D) -> (B, L, D)`.
///
/// Full, causal or masked; with as many key heads as query heads or fewer; optionally with
/// normalised heads, rotary positions and a cache of earlier keys. Runs the fused kernel. Source:
/// arXiv:1706.03762; grouped heads arXiv:2305.13245.
public final class SelfAttention extends Module implements Layer {

    private record Heads(Tensor query, Tensor key, Tensor value) {}

    private final AttentionConfig config;
    private final AttentionContext usual;
    private final List<Linear> inputs;
    private final Linear output;
    private final Layer queryNorm;
    private final Layer keyNorm;

    /// @param visibility who sees whom in [#forward(Tensor)]
    public SelfAttention(AttentionConfig config, Visibility visibility, Seed seed) {
        this(config, visibility, Linear::of, seed);
    }

    /// With weights from the given distribution and biases that start at zero.
    public SelfAttention(AttentionConfig config, Visibility visibility, Init weights, Seed seed) {
        this(
                config,
                visibility,
                (from, to, biased, own) -> Linear.of(from, to, biased, weights, own),
                seed);
    }

    private interface Projection {
        Linear of(long inputs, long outputs, boolean biased, Seed seed);
    }

    private SelfAttention(
            AttentionConfig config, Visibility visibility, Projection projection, Seed seed) {
        this.config = config;
        usual = AttentionContext.of(visibility);
        long width = config.width(), query = config.queryWidth(), key = config.keyWidth();
        boolean biased = config.inputBias();
        switch (config.names()) {
            case AttentionConfig.Names.Fused(var in, var out) -> {
                inputs = List.of(input(projection, in, width, query + 2 * key, biased, seed));
                output = input(projection, out, query, width, config.outputBias(), seed);
            }
            case AttentionConfig.Names.Separate(var q, var k, var v, var out) -> {
                inputs =
                        List.of(
                                input(projection, q, width, query, biased, seed),
                                input(projection, k, width, key, biased, seed),
                                input(projection, v, width, key, biased, seed));
                output = input(projection, out, query, width, config.outputBias(), seed);
            }
        }
        queryNorm = config.norm();
        keyNorm = config.norm();
        if (queryNorm instanceof Module norm) child("q_norm", norm);
        if (keyNorm instanceof Module norm) child("k_norm", norm);
    }

    private Linear input(
            Projection projection, String name, long from, long to, boolean biased, Seed seed) {
        return child(name, projection.of(from, to, biased, seed.split(name)));
    }

    /// Every position sees every other.
    public static SelfAttention full(int width, int heads, Seed seed) {
        return new SelfAttention(AttentionConfig.of(width, heads), Visibility.full(), seed);
    }

    /// Every position sees itself and those before.
    public static SelfAttention causal(int width, int heads, Seed seed) {
        return new SelfAttention(AttentionConfig.of(width, heads), Visibility.causal(), seed);
    }

    @Override
    public Tensor forward(Tensor x) {
        return forward(x, usual);
    }

    /// With another visibility, positions or a cache.
    public Tensor forward(Tensor x, AttentionContext context) {
        var heads = heads(x, context);
        var entries = context.entries(heads.key, heads.value);
        var mixed =
                Attention.attend(
                        heads.query, entries.keys(), entries.values(), context.visibility());
        return output.forward(Attention.joinHeads(mixed));
    }

    /// The layers that queries, keys and values come from.
    List<Linear> projections() {
        return inputs;
    }

    /// Queries, keys and values `(B, L, ...)`.
    private List<Tensor> project(Tensor x) {
        if (inputs.size() == 1) return split(inputs.getFirst().forward(x));
        return JoinedLinear.pays(inputs, x)
                ? split(JoinedLinear.forward(inputs, x))
                : inputs.stream().map(input -> input.forward(x)).toList();
    }

    private List<Tensor> split(Tensor joined) {
        long query = config.queryWidth(), key = config.keyWidth();
        return joined.split(new long[] {query, key, key}, -1);
    }

    private Heads heads(Tensor x, AttentionContext context) {
        var parts = project(x);
        var query = queryNorm.forward(Attention.splitHeads(parts.get(0), config.heads()));
        var key = keyNorm.forward(Attention.splitHeads(parts.get(1), config.keyHeads()));
        var value = Attention.splitHeads(parts.get(2), config.keyHeads());
        return new Heads(context.turn().apply(query), context.turn().apply(key), value);
    }
}
