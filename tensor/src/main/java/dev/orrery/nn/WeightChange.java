package dev.orrery.nn;

import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Tensor;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/// A change of an [Adaptable] layer's weight, such as an adapter that is trained while the weight
/// is frozen. It holds wherever the layer's weight is used, also in products that join several
/// layers.
public interface WeightChange {

    /// The weight that counts, of the stored one's shape; gradients reach the change through it.
    ///
    /// @param stored the layer's own weight
    Tensor weight(Tensor stored);

    /// A [Linear] layer's output; may avoid making the whole weight.
    ///
    /// @param x `(..., inputs)`
    /// @param bias `(outputs)`, if the layer has one
    default Tensor forward(Tensor x, Tensor stored, @Nullable Tensor bias) {
        return Precision.linear(x, weight(stored).to(stored.dtype()), bias(bias));
    }

    /// The bias that counts; the stored one unless the change has more.
    ///
    /// @param stored the layer's own bias, if it has one
    default @Nullable Tensor bias(@Nullable Tensor stored) {
        return stored;
    }

    /// A convolution's output; may look at its input otherwise than by a changed weight.
    ///
    /// @param x `(B, inputs, ...)`
    /// @param slide the convolution of an input with a weight
    default Tensor convolve(Tensor x, Tensor stored, BinaryOperator<Tensor> slide) {
        return slide.apply(x, weight(stored).to(stored.dtype()));
    }

    /// An [Embedding]'s scores of its rows, where it is the output layer too. A change of what is
    /// looked up leaves them alone, unless it says otherwise.
    ///
    /// @param x `(..., D)`
    /// @return `(..., V)`
    default Tensor scores(Tensor x, Tensor stored) {
        return Precision.linear(x, stored, null);
    }

    /// An [Embedding]'s output; may avoid making the whole weight.
    ///
    /// @param ids `(...)`
    /// @return `(..., D)`
    default Tensor rows(Tensor ids, Tensor stored) {
        return Functional.embedding(ids, weight(stored).to(stored.dtype()));
    }
}
