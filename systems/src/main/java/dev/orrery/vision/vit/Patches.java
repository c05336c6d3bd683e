package dev.orrery.vision.vit;

import dev.orrery.nn.Init;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.Arrays;

/// A convolution whose stride is its kernel, as a row of tokens: `(B, 3, H, W) -> (B, S, D)`, rows
/// first. What does not fill a patch at the right and lower border is left out.
///
/// Names: `weight (D, 3, P, P)` and, if biased, `bias (D)`.
final class Patches extends Module {

    private final int side;
    private final Tensor weight;
    private final boolean biased;
    private final Tensor bias;

    Patches(int channels, int width, int side, boolean biased, Seed seed) {
        this.side = side;
        this.biased = biased;
        weight = parameter("weight", Init.fanIn(), seed, width, channels, side, side);
        bias = biased ? parameter("bias", Init.ZEROS, seed, width) : weight;
    }

    Tensor forward(Tensor images) {
        if (images.rank() != 4 || images.size(2) < side || images.size(3) < side) {
            throw new IllegalArgumentException(
                    "pictures of shape %s; the model takes (B, 3, H, W) of at least one patch of %d pixels"
                            .formatted(Arrays.toString(images.shape()), side));
        }
        var grid = Functional.conv2d(images, weight, biased ? bias : null, side, 0, 1, 1);
        return grid.flatten(2, 3).transpose(1, 2);
    }
}
