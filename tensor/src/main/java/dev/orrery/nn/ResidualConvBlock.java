package dev.orrery.nn;

import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// Two normalised 3x3 convolutions beside a shortcut: `(B, inputs, H, W) -> (B, outputs, H, W)`.
///
/// Each is group norm, SiLU, convolution. Names as in VQGAN: `norm1`, `conv1`, `norm2`, `conv2`,
/// and `nin_shortcut` (1x1) where the channels change.
public final class ResidualConvBlock extends Module implements Layer {

    private final GroupNorm norm1;
    private final Conv2d conv1;
    private final GroupNorm norm2;
    private final Conv2d conv2;
    private final Layer shortcut;

    /// @param groups of the norms, dividing inputs and outputs
    public ResidualConvBlock(long inputs, long outputs, long groups, Seed seed) {
        norm1 = child("norm1", new GroupNorm(groups, inputs, 1e-6));
        conv1 = conv("conv1", inputs, outputs, 3, seed);
        norm2 = child("norm2", new GroupNorm(groups, outputs, 1e-6));
        conv2 = conv("conv2", outputs, outputs, 3, seed);
        shortcut =
                inputs == outputs
                        ? Layer.identity()
                        : conv("nin_shortcut", inputs, outputs, 1, seed);
    }

    private Conv2d conv(String name, long inputs, long outputs, long kernel, Seed seed) {
        return child(name, new Conv2d(inputs, outputs, Window.same(kernel), seed.split(name)));
    }

    @Override
    public Tensor forward(Tensor x) {
        var inner = conv1.forward(Functional.silu(norm1.forward(x)));
        return shortcut.forward(x).add(conv2.forward(Functional.silu(norm2.forward(inner))));
    }
}
