package dev.orrery.nn;

import dev.orrery.tensor.Tensor;

/// A layer whose weight an adapter can change without touching what is stored.
public sealed interface Adaptable permits Linear, Conv1d, Conv2d, Embedding {

    /// The weight as it is stored, whatever changes it.
    Tensor storedWeight();

    /// Lets an adapter change the weight from now on; its parameters stay the adapter's.
    ///
    /// @throws IllegalStateException if another one does already
    void change(WeightChange by);

    /// Takes the change back.
    void unchange();
}
