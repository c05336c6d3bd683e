package dev.orrery.nn;

import dev.orrery.tensor.Tensor;

/// The identity whose gradient is multiplied on the way back, so that one part of a network moves
/// another less than its loss would have it.
public final class GradientScale {

    private GradientScale() {}

    /// `x` to the bit, with a gradient of `scale` times its own; 0 stops it.
    ///
    /// @throws IllegalArgumentException if `scale` is negative or not finite
    public static Tensor of(Tensor x, double scale) {
        if (!(scale >= 0) || Double.isInfinite(scale)) {
            throw new IllegalArgumentException(
                    "gradient scale is %s; use a number from 0 (stopped) to 1 (untouched)"
                            .formatted(scale));
        }
        if (scale == 1) return x;
        var fixed = x.detach();
        return scale == 0 ? fixed : fixed.add(x.sub(fixed).mul(scale));
    }
}
