package dev.orrery.run;

import dev.orrery.tensor.Seed;

/// A number of a training step was NaN or infinite, so training cannot go on.
public final class NonFiniteException extends RuntimeException {
    private static final long serialVersionUID = 1;

    NonFiniteException(String name, double value, long step, Seed batch) {
        super(
                ("%s is %s at step %d; what was saved before is intact. Lower the learning rate,"
                                + " clip gradients, or look at that batch: it was drawn from Seed.of(%dL)")
                        .formatted(name, value, step, batch.key()));
    }
}
