package dev.orrery.nn;

import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// A change of an [Adaptable] layer's weight, such as an adapter that is trained while the weight
/// is frozen. It holds wherever the layer's weight is used, also in products that join several
/// layers.
public interface WeightChange {

    /// The weight that counts, of the stored one's shape; gradients reach the change through it.
    ///
    /// @param stored the layer's own weight
    Tensor weight(Tensor stored);

    /// A [Linear] layer's output, or an [Embedding]'s scores of its rows; may avoid making the
    /// whole weight.
    ///
    /// @param x `(..., inputs)`
    /// @param bias `(outputs)`, if the layer has one
    default Tensor forward(Tensor x, Tensor stored, @Nullable Tensor bias) {
        return Precision.linear(x, weight(stored), bias);
    }

    /// An [Embedding]'s output; may avoid making the whole weight.
    ///
    /// @param ids `(...)`
    /// @return `(..., D)`
    default Tensor rows(Tensor ids, Tensor stored) {
        return Functional.embedding(ids, weight(stored));
    }
}
