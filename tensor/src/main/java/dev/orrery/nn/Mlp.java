package dev.orrery.nn;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// Two linear layers with an activation between: `(..., D) -> (..., D)`.
///
/// Names: `fc1`, `fc2`, or the two given.
public final class Mlp extends Module implements Layer {

    private final Linear in;
    private final Linear out;
    private final Activation activation;

    /// With exact GELU and biases.
    public Mlp(long width, long hidden, Seed seed) {
        this(width, hidden, Activation.GELU, seed);
    }

    /// With weights from the given distribution and biases that start at zero.
    public Mlp(long width, long hidden, Activation activation, Init weights, Seed seed) {
        in = child("fc1", Linear.of(width, hidden, true, weights, seed.split("fc1")));
        out = child("fc2", Linear.of(hidden, width, true, weights, seed.split("fc2")));
        this.activation = activation;
    }

    /// With biases, under the names `fc1` and `fc2`.
    public Mlp(long width, long hidden, Activation activation, Seed seed) {
        this(width, hidden, activation, true, "fc1", "fc2", seed);
    }

    public Mlp(
            long width,
            long hidden,
            Activation activation,
            boolean biased,
            String inName,
            String outName,
            Seed seed) {
        in = child(inName, Linear.of(width, hidden, biased, seed.split(inName)));
        out = child(outName, Linear.of(hidden, width, biased, seed.split(outName)));
        this.activation = activation;
    }

    @Override
    public Tensor forward(Tensor x) {
        return out.forward(activation.forward(in.forward(x)));
    }
}
