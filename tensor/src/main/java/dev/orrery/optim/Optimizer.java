package dev.orrery.optim;

import dev.orrery.tensor.Tensor;
import java.util.Map;

/// Changes parameters to make a loss smaller, from the gradients that they hold.
///
/// A training step is `optimizer.minimise(loss)`. Parameters without a gradient in a step are left
/// as they are, frozen ones always.
public interface Optimizer {

    /// The parameters, by name; those given as a list are named `0`, `1` and so on.
    Map<String, Tensor> parameters();

    /// Changes every parameter once by the gradient that it holds.
    void step();

    /// The rate of the next steps, before any group's factor.
    double learningRate();

    /// Sets the rate of the next steps, as in `optimizer.learningRate(schedule.at(step))`.
    void learningRate(double rate);

    /// What it remembers between steps, by name, for a checkpoint. The tensors are its own, not
    /// copies.
    Map<String, Tensor> stateDict();

    /// Copies back what [#stateDict()] gave.
    ///
    /// @throws IllegalArgumentException listing names that are missing, unexpected or misshapen
    void load(Map<String, Tensor> state);

    /// Works out gradients of the loss, steps, and forgets the gradients.
    default void minimise(Tensor loss) {
        loss.backward();
        step();
        clearGradients();
    }

    /// As [#minimise(Tensor)], limiting the gradients before the step.
    ///
    /// @return the gradients' norm before they were limited
    /// @throws NonFiniteGradientException leaving the parameters as they were
    default double minimise(Tensor loss, GradientClip clip) {
        loss.backward();
        try {
            double norm = clip.apply(parameters());
            step();
            return norm;
        } finally {
            clearGradients();
        }
    }

    /// Forgets the gradients of its parameters.
    default void clearGradients() {
        parameters().values().forEach(Tensor::clearGrad);
    }
}
