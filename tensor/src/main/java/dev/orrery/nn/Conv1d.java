package dev.orrery.nn;

import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Convolution along one axis: `(B, inputs, L) -> (B, outputs, L')`.
///
/// Names: `weight (outputs, inputs / groups, K)` and, if there is one, `bias (outputs)`.
public final class Conv1d extends Adaptable implements Layer {

    private final Window window;
    private final Tensor weight;
    private final @Nullable Tensor bias;

    /// With bias.
    public Conv1d(long inputs, long outputs, Window window, Seed seed) {
        this(inputs, outputs, window, true, seed);
    }

    public Conv1d(long inputs, long outputs, Window window, boolean biased, Seed seed) {
        this.window = window;
        long k = window.kernel();
        weight = parameter("weight", Init.fanIn(), seed, outputs, window.perGroup(inputs), k);
        double bound = 1 / Math.sqrt(weight.numel() / (double) weight.size(0));
        bias = biased ? parameter("bias", Init.uniform(bound), seed, outputs) : null;
    }

    @Override
    public Tensor forward(Tensor x) {
        var counted = changed(bias);
        return convolved(
                x,
                (input, slid) ->
                        Functional.conv1d(
                                input,
                                slid,
                                counted,
                                window.stride(),
                                window.padding(),
                                window.dilation(),
                                window.groups()));
    }

    /// How it slides.
    public Window window() {
        return window;
    }

    @Override
    public Tensor storedWeight() {
        return weight;
    }

    @Override
    public Optional<Tensor> storedBias() {
        return Optional.ofNullable(bias);
    }
}
