package dev.orrery.nn;

import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// Layer norm over the channels of each pixel: `(B, C, H, W) -> (B, C, H, W)`.
///
/// The fused kernel takes one pixel after another, at a cost that hardly depends on how few numbers
/// it has. With few channels the same is computed plane by plane, a channel of all pixels at once;
/// the two agree to rounding.
///
/// Names: `weight (C)` and `bias (C)`.
public final class ChannelNorm extends Module implements Layer {

    /// Most channels for which planes are quicker, forward and backward together.
    private static final long FEW = 8;

    private final double epsilon;
    private final Tensor weight;
    private final Tensor bias;

    public ChannelNorm(long channels, double epsilon) {
        this.epsilon = epsilon;
        weight = parameter("weight", Init.ONES, Seed.of(0), channels);
        bias = parameter("bias", Init.ZEROS, Seed.of(0), channels);
    }

    @Override
    public Tensor forward(Tensor x) {
        return weight.size(0) <= FEW ? byPlane(x) : byPixel(x);
    }

    Tensor byPixel(Tensor x) {
        var shape = new long[] {weight.size(0)};
        var last = x.permute(0, 2, 3, 1);
        return Functional.layerNorm(last, shape, weight, bias, epsilon).permute(0, 3, 1, 2);
    }

    Tensor byPlane(Tensor x) {
        var planes = x.contiguous();
        var centred = planes.sub(planes.mean(1, true));
        var scale = centred.square().mean(1, true).add(epsilon).rsqrt();
        return centred.mul(scale).mul(perChannel(weight)).add(perChannel(bias));
    }

    private static Tensor perChannel(Tensor parameter) {
        return parameter.view(-1, 1, 1);
    }
}
