package dev.orrery.nn;

import dev.orrery.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// A change of a [Linear] layer's weight, such as an adapter that is trained while the weight is
/// frozen. It holds wherever the layer's weight is used, also in products that join several layers.
public interface LinearChange {

    /// The weight that counts `(outputs, inputs)`; gradients reach the change through it.
    ///
    /// @param stored the layer's own weight
    Tensor weight(Tensor stored);

    /// The layer's output; may avoid making the whole weight.
    ///
    /// @param x `(..., inputs)`
    /// @param bias `(outputs)`, if the layer has one
    default Tensor forward(Tensor x, Tensor stored, @Nullable Tensor bias) {
        return Precision.linear(x, weight(stored), bias);
    }
}
