package dev.orrery.nn;

import dev.orrery.tensor.Tensor;

/// How a condition changes one layer: `x (1 + scale) + shift` before it, `gate` times its output
/// after it. Each is `(B, D)` for one condition per sample, or `(B, L, D)` for one per token.
///
/// Source: DiT, arXiv:2212.09748 section 3.2 (adaLN).
public record Modulation(Tensor shift, Tensor scale, Tensor gate) {

    public Modulation {
        shift = perToken(shift);
        scale = perToken(scale);
        gate = perToken(gate);
    }

    /// The normalised input `(B, L, D)`, scaled and shifted.
    public Tensor apply(Tensor normalized) {
        return normalized.mul(scale.add(1.0)).add(shift);
    }

    /// The residual stream plus the gated output of the layer.
    public Tensor residual(Tensor x, Tensor output) {
        return x.addcmul(gate, output, 1);
    }

    private static Tensor perToken(Tensor x) {
        return x.rank() == 2 ? x.unsqueeze(1) : x;
    }
}
