package dev.orrery.nn;

import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Tensor;

/// Root-mean-square norm whose scale, shift and gate come from a condition through one linear
/// layer.
///
/// There is no weight beside the linear layer, which starts at zero. Its output is scale, shift and
/// gate, in this order. Names: `dense.weight (3D, C)` and `dense.bias (3D)`. Source: the action
/// expert of π0.5 (openpi).
public final class AdaptiveRmsNorm extends Module {

    /// The normalised, modulated input, and the gate for the layer's output.
    public record Gated(Tensor x, Tensor gate) {

        /// The residual stream plus the gated output of the layer.
        public Tensor residual(Tensor stream, Tensor output) {
            return stream.addcmul(gate, output, 1);
        }
    }

    private final Linear dense;
    private final long[] shape;
    private final double epsilon;

    public AdaptiveRmsNorm(long width, long conditionWidth, double epsilon) {
        dense = child("dense", Linear.zero(conditionWidth, 3 * width));
        shape = new long[] {width};
        this.epsilon = epsilon;
    }

    /// @param x `(B, L, D)`
    /// @param condition `(B, C)`, or `(B, L, C)` for one per token
    public Gated forward(Tensor x, Tensor condition) {
        var parts = dense.forward(condition).chunk(3, -1);
        var modulation = new Modulation(parts.get(1), parts.get(0), parts.get(2));
        return new Gated(
                modulation.apply(Functional.rmsNorm(x, shape, null, epsilon)), modulation.gate());
    }
}
