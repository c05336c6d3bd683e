package dev.orrery.nn;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `(..., inputs) -> (..., outputs)`: `x weightT + bias`.
///
/// Names: `weight (outputs, inputs)` and, if there is one, `bias (outputs)`. Both start uniform in
/// ±1/√inputs, as in PyTorch, unless the factory says otherwise.
public final class Linear extends Adaptable implements Layer {

    private final Tensor weight;
    private final @Nullable Tensor bias;

    /// With bias.
    public Linear(long inputs, long outputs, Seed seed) {
        this(inputs, outputs, true, Init.fanIn(), Init.uniform(1 / Math.sqrt(inputs)), seed);
    }

    private Linear(
            long inputs, long outputs, boolean biased, Init weights, Init biases, Seed seed) {
        weight = parameter("weight", weights, seed, outputs, inputs);
        bias = biased ? parameter("bias", biases, seed, outputs) : null;
    }

    /// Without bias.
    public static Linear withoutBias(long inputs, long outputs, Seed seed) {
        return new Linear(inputs, outputs, false, Init.fanIn(), Init.ZEROS, seed);
    }

    /// With or without bias.
    public static Linear of(long inputs, long outputs, boolean biased, Seed seed) {
        return biased ? new Linear(inputs, outputs, seed) : withoutBias(inputs, outputs, seed);
    }

    /// The output layer of a model that scores words by their embedding: without bias, and with the
    /// embedding's own weight, which it does not register.
    public static Linear tied(Embedding words) {
        return new Linear(words.storedWeight());
    }

    private Linear(Tensor shared) {
        weight = shared;
        bias = null;
    }

    /// Weights from the given distribution; the bias starts at zero.
    public static Linear of(long inputs, long outputs, boolean biased, Init weights, Seed seed) {
        return new Linear(inputs, outputs, biased, weights, Init.ZEROS, seed);
    }

    /// With bias, all zero: the layer's first output is zero.
    public static Linear zero(long inputs, long outputs) {
        return new Linear(inputs, outputs, true, Init.ZEROS, Init.ZEROS, Seed.of(0));
    }

    @Override
    public Tensor forward(Tensor x) {
        var change = change();
        return change == null ? Precision.linear(x, weight, bias) : change.forward(x, weight, bias);
    }

    @Override
    public Tensor storedWeight() {
        return weight;
    }

    @Override
    public Optional<Tensor> storedBias() {
        return Optional.ofNullable(bias);
    }

    /// Whether there is a bias.
    boolean isBiased() {
        return bias != null;
    }

    /// The bias `(outputs)` that counts, for products that join several layers.
    ///
    /// @throws IllegalStateException if the layer has none
    public Tensor bias() {
        if (bias == null) {
            throw new IllegalStateException("this linear layer has no bias");
        }
        return Objects.requireNonNull(changed(bias));
    }

    /// Numbers taken in.
    public long inputs() {
        return weight.size(1);
    }

    /// Numbers given out.
    public long outputs() {
        return weight.size(0);
    }
}
