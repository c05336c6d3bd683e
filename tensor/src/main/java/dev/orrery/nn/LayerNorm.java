package dev.orrery.nn;

import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// Zero mean and unit variance over the last axis, then scale and shift.
///
/// Names: `weight (D)` and `bias (D)`; none in the plain form.
public final class LayerNorm extends Module implements Layer {

    private final long[] shape;
    private final double epsilon;
    private final @Nullable Tensor weight;
    private final @Nullable Tensor bias;

    private LayerNorm(long width, double epsilon, boolean scaled) {
        shape = new long[] {width};
        this.epsilon = epsilon;
        weight = scaled ? parameter("weight", Init.ONES, Seed.of(0), width) : null;
        bias = scaled ? parameter("bias", Init.ZEROS, Seed.of(0), width) : null;
    }

    /// With scale and shift, epsilon 1e-5 as in PyTorch.
    public LayerNorm(long width) {
        this(width, 1e-5);
    }

    /// With scale and shift.
    public LayerNorm(long width, double epsilon) {
        this(width, epsilon, true);
    }

    /// Without scale and shift, as under adaptive modulation.
    public static LayerNorm plain(long width, double epsilon) {
        return new LayerNorm(width, epsilon, false);
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.layerNorm(x, shape, weight, bias, epsilon);
    }
}
