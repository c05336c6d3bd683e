package dev.orrery.lm.encoder;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;

/// Padding as numbers that are added to scores.
final class Padding {

    private Padding() {}

    /// `(B, 1, 1, T)`: zero at tokens, the least float at padding.
    static Tensor hidden(Tensor mask) {
        return Tensor.where(
                        mask.to(DType.BOOL),
                        Tensor.scalar(0, DType.F32),
                        Tensor.scalar(-Float.MAX_VALUE, DType.F32))
                .unsqueeze(1)
                .unsqueeze(1);
    }
}
