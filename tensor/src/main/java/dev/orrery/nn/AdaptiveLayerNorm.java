package dev.orrery.nn;

import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Tensor;

/// Scales, shifts and gates, worked out from a condition, for `count` layers of a block, and the
/// plain layer norm that they act on: adaLN-Zero.
///
/// The condition `(B, C)` goes through SiLU and one linear layer that starts at zero, so every
/// block starts as the identity. The chunks are in DiT's order: shift, scale, gate of each layer.
///
/// Names: `1.weight (3·count·D, C)` and `1.bias` (the SiLU is `0`), as in DiT and SiT. Source: DiT,
/// arXiv:2212.09748 section 3.2.
public final class AdaptiveLayerNorm extends Module {

    private final Linear dense;
    private final LayerNorm norm;
    private final int count;

    public AdaptiveLayerNorm(long width, long conditionWidth, int count, double epsilon) {
        this.count = count;
        dense = child("1", Linear.zero(conditionWidth, 3 * count * width));
        norm = LayerNorm.plain(width, epsilon);
    }

    /// One modulation for each of the block's layers.
    public Modulation[] modulations(Tensor condition) {
        var parts = dense.forward(Functional.silu(condition)).chunk(3L * count, -1);
        var modulations = new Modulation[count];
        for (int i = 0; i < count; i++)
            modulations[i] =
                    new Modulation(parts.get(3 * i), parts.get(3 * i + 1), parts.get(3 * i + 2));
        return modulations;
    }

    /// `x (B, L, D)` normalised, scaled and shifted.
    public Tensor forward(Tensor x, Modulation modulation) {
        return modulation.apply(norm.forward(x));
    }
}
