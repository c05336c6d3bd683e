package dev.orrery.nn;

import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// Unit root mean square over the last axis, then a learned scale: `x / √(mean x² + ε) · scale`.
///
/// Name: `weight (D)`. The scale is the weight itself (Llama, Qwen; starts at one) or one plus the
/// weight (Gemma; starts at zero). Source: arXiv:1910.07467.
public final class RmsNorm extends Module implements Layer {

    private final long[] shape;
    private final double epsilon;
    private final boolean onePlus;
    private final Tensor weight;

    private RmsNorm(long width, double epsilon, boolean onePlus) {
        shape = new long[] {width};
        this.epsilon = epsilon;
        this.onePlus = onePlus;
        weight = parameter("weight", onePlus ? Init.ZEROS : Init.ONES, Seed.of(0), width);
    }

    /// Scaled by the weight.
    public RmsNorm(long width, double epsilon) {
        this(width, epsilon, false);
    }

    /// Scaled by one plus the weight, as in Gemma.
    public static RmsNorm onePlus(long width, double epsilon) {
        return new RmsNorm(width, epsilon, true);
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.rmsNorm(x, shape, onePlus ? weight.add(1.0) : weight, epsilon);
    }
}
