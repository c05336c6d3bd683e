package dev.orrery.nn;

import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// Zero mean and unit variance over groups of channels of `(B, C, ...)`, then scale and shift of
/// each channel. Names: `weight (C)` and `bias (C)`.
public final class GroupNorm extends Module implements Layer {

    private final long groups;
    private final double epsilon;
    private final Tensor weight;
    private final Tensor bias;

    public GroupNorm(long groups, long channels, double epsilon) {
        if (channels % groups != 0)
            throw new IllegalArgumentException(
                    "%d channels do not split over %d groups; use a multiple"
                            .formatted(channels, groups));
        this.groups = groups;
        this.epsilon = epsilon;
        weight = parameter("weight", Init.ONES, Seed.of(0), channels);
        bias = parameter("bias", Init.ZEROS, Seed.of(0), channels);
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.groupNorm(x, groups, weight, bias, epsilon);
    }
}
