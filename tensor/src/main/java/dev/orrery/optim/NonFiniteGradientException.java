package dev.orrery.optim;

/// Gradients hold infinities or values that are not numbers; the message names the parameters.
public final class NonFiniteGradientException extends ArithmeticException {

    public NonFiniteGradientException(String message) {
        super(message);
    }
}
