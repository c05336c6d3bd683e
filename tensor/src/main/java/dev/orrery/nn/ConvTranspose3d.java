package dev.orrery.nn;

import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// Transposed convolution of videos: `(B, inputs, T, H, W) -> (B, outputs, T', H', W')`.
///
/// Names: `weight (inputs, outputs / groups, K, K, K)` and `bias (outputs)`. The window must not be
/// dilated.
public final class ConvTranspose3d extends Module implements Layer {

    private final Window window;
    private final long outputPadding;
    private final Tensor weight;
    private final Tensor bias;

    /// @param outputPadding extra elements at the far end of each axis, less than the stride
    public ConvTranspose3d(
            long inputs, long outputs, Window window, long outputPadding, Seed seed) {
        if (window.dilation() != 1)
            throw new IllegalArgumentException(
                    "transposed convolution with dilation %d; use 1".formatted(window.dilation()));
        this.window = window;
        this.outputPadding = outputPadding;
        long k = window.kernel();
        window.perGroup(inputs);
        weight = parameter("weight", Init.fanIn(), seed, inputs, window.perGroup(outputs), k, k, k);
        double bound = 1 / Math.sqrt(weight.numel() / (double) inputs);
        bias = parameter("bias", Init.uniform(bound), seed, outputs);
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.convTranspose3d(
                x, weight, bias, window.stride(), window.padding(), outputPadding, window.groups());
    }
}
