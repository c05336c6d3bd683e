package dev.orrery.tensor;

import org.bytedeco.pytorch.T_TensorTensor_T;

/// Values picked from a tensor and where they stood.
///
/// @param values the values
/// @param indices their positions along the axis, I64, shaped as the values
public record Indexed(Tensor values, Tensor indices) {

    static Indexed of(T_TensorTensor_T pair) {
        try (pair) {
            return new Indexed(
                    Tensor.wrap(new org.bytedeco.pytorch.Tensor(pair.get0())),
                    Tensor.wrap(new org.bytedeco.pytorch.Tensor(pair.get1())));
        }
    }
}
