package dev.orrery.nn;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// Self-attention and a feed-forward layer on a residual stream, each behind a norm: `(B, L, D) ->
/// (B, L, D)`.
///
/// Names: `norm1`, `attn`, `norm2`, `mlp`, as in timm.
public final class TransformerBlock extends Module implements Layer {

    private final Layer norm1;
    private final SelfAttention attention;
    private final Layer norm2;
    private final Layer mlp;

    /// From parts; the norms and the feed-forward layer may be any modules.
    public <N extends Module & Layer, F extends Module & Layer> TransformerBlock(
            N norm1, SelfAttention attention, N norm2, F mlp) {
        this.norm1 = child("norm1", norm1);
        this.attention = child("attn", attention);
        this.norm2 = child("norm2", norm2);
        this.mlp = child("mlp", mlp);
    }

    /// Layer norms and a GELU layer of `expand · D` channels.
    public static TransformerBlock of(
            int width, int heads, int expand, Visibility visibility, Seed seed) {
        return new TransformerBlock(
                new LayerNorm(width),
                new SelfAttention(AttentionConfig.of(width, heads), visibility, seed.split("attn")),
                new LayerNorm(width),
                new Mlp(width, (long) expand * width, seed.split("mlp")));
    }

    @Override
    public Tensor forward(Tensor x) {
        var seen = x.add(attention.forward(norm1.forward(x)));
        return seen.add(mlp.forward(norm2.forward(seen)));
    }

    /// With another visibility, positions or a cache.
    public Tensor forward(Tensor x, AttentionContext context) {
        var seen = x.add(attention.forward(norm1.forward(x), context));
        return seen.add(mlp.forward(norm2.forward(seen)));
    }
}
