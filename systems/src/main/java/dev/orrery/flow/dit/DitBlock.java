package dev.orrery.flow.dit;

import static dev.orrery.tensor.Axis.axis;

import dev.orrery.nn.Activation;
import dev.orrery.nn.AdaptiveLayerNorm;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Mlp;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// A transformer block whose norms are scaled, shifted and gated by a condition (adaLN-Zero):
/// attention among all tokens, then a feed-forward layer.
///
/// Tokens `(B, L, D)`, condition `(B, D)`. Starts as the identity. Names as in DiT and SiT:
/// `attn.qkv`, `attn.proj`, `mlp.fc1`, `mlp.fc2`, `adaLN_modulation.1`. Source: DiT,
/// arXiv:2212.09748 section 3.2.
public final class DitBlock extends Module {

    private static final double EPSILON = 1e-6;

    private final AdaptiveLayerNorm norms;
    private final Linear qkv, out;
    private final Mlp mlp;
    private final int heads;

    /// @param width channels D, a multiple of `heads`
    /// @param hidden channels of the feed-forward layer
    public DitBlock(int width, int heads, int hidden, Seed seed) {
        if (heads < 1 || width % heads != 0) {
            throw new IllegalArgumentException(
                    "width %d does not split over %d heads; use a multiple"
                            .formatted(width, heads));
        }
        this.heads = heads;
        qkv = child("attn.qkv", new Linear(width, 3L * width, seed.split("qkv")));
        out = child("attn.proj", new Linear(width, width, seed.split("proj")));
        mlp = child("mlp", new Mlp(width, hidden, Activation.GELU_TANH, seed.split("mlp")));
        norms = child("adaLN_modulation", new AdaptiveLayerNorm(width, width, 2, EPSILON));
    }

    /// The tokens after the block.
    ///
    /// @param x `(B, L, D)`
    /// @param condition `(B, D)`
    public Tensor forward(Tensor x, Tensor condition) {
        var modulations = norms.modulations(condition);
        var attended = attend(norms.forward(x, modulations[0]));
        var between = modulations[0].residual(x, attended);
        return modulations[1].residual(
                between, mlp.forward(norms.forward(between, modulations[1])));
    }

    private Tensor attend(Tensor x) {
        var parts =
                qkv.forward(x)
                        .rearrange(
                                "b l (three n d) -> three b n l d",
                                axis("three", 3),
                                axis("n", heads))
                        .unbind(0);
        var mixed = Functional.scaledDotProductAttention(parts.get(0), parts.get(1), parts.get(2));
        return out.forward(mixed.rearrange("b n l d -> b l (n d)"));
    }
}
