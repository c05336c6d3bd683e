package dev.orrery.nn;

import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// A fixed embedding of a time through two linear layers with SiLU between: `(B) -> (B, D)`.
///
/// Names as in DiT: `mlp.0`, `mlp.2`.
public final class TimeEmbedding extends Module implements Layer {

    private final Layer fixed;
    private final Sequential mlp;

    /// @param fixed from times to `inputs` channels: [DitTimestep#at] or [SinCosPeriods#at]
    public TimeEmbedding(Layer fixed, long inputs, long width, Seed seed) {
        this.fixed = fixed;
        mlp =
                child(
                        "mlp",
                        Sequential.of(
                                new Linear(inputs, width, seed.split("mlp.0")),
                                Functional::silu,
                                new Linear(width, width, seed.split("mlp.2"))));
    }

    @Override
    public Tensor forward(Tensor time) {
        return mlp.forward(fixed.forward(time));
    }
}
