package dev.orrery.bench;

import dev.orrery.nn.Mlp;
import dev.orrery.optim.AdamW;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;

/// One training step of a model so small that only the cost of single operations shows: a
/// feed-forward of 32 channels, 64 hidden, on a batch of 32.
final class SmallStep {

    private final Mlp model;
    private final AdamW optimizer;
    private final Tensor x, y;

    SmallStep(Seed seed) {
        model = new Mlp(32, 64, seed.split("model"));
        optimizer = new AdamW(model.parameters(), 1e-3);
        try (var _ = TensorScope.open()) {
            x = TensorScope.release(seed.split("x").normal(32, 32));
            y = TensorScope.release(seed.split("y").normal(32, 32));
        }
    }

    /// Takes one step and returns its loss.
    double step() {
        try (var _ = TensorScope.open()) {
            var loss = Functional.mseLoss(model.forward(x), y);
            optimizer.minimise(loss);
            return loss.item();
        }
    }
}
