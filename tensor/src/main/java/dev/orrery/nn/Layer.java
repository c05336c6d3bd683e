package dev.orrery.nn;

import dev.orrery.tensor.Tensor;

/// Anything that maps one tensor to one.
@FunctionalInterface
public interface Layer {

    Tensor forward(Tensor x);

    /// The layer that changes nothing.
    static Layer identity() {
        return x -> x;
    }
}
