package dev.orrery.optim;

import dev.orrery.tensor.Tensor;

/// Steps once for several losses, as if their batches were one.
///
/// Gradients of the parts are averaged, so a step over `parts` batches of B equals one over a batch
/// of `parts · B` with a mean loss. Save a run only between whole steps: [#isWhole()].
public final class Accumulation {

    private final Optimizer optimizer;
    private final GradientClip clip;
    private final int parts;
    private int gathered;

    public Accumulation(Optimizer optimizer, GradientClip clip, int parts) {
        if (parts < 1)
            throw new IllegalArgumentException(
                    "a step of %d parts; give 1 or more".formatted(parts));
        this.optimizer = optimizer;
        this.clip = clip;
        this.parts = parts;
    }

    /// Gathers the gradients of one part, and steps if it was the last.
    ///
    /// @return whether a step was taken
    public boolean minimise(Tensor loss) {
        loss.mul(1.0 / parts).backward();
        if (++gathered < parts) return false;
        gathered = 0;
        try {
            clip.apply(optimizer.parameters());
            optimizer.step();
        } finally {
            optimizer.clearGradients();
        }
        return true;
    }

    /// Whether no part of a step is waiting.
    public boolean isWhole() {
        return gathered == 0;
    }
}
