package dev.orrery.run;

/// A logged number was NaN or infinite, so training cannot go on.
public final class NonFiniteException extends RuntimeException {
    private static final long serialVersionUID = 1;

    NonFiniteException(String name, double value, long step, String batchSeed) {
        super(
                ("%s is %s at step %d (batch seed %s); what was saved before is intact. Lower the"
                                + " learning rate, clip gradients, or look at that batch")
                        .formatted(name, value, step, batchSeed));
    }
}
