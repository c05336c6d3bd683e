package dev.orrery.tensor;

import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.IValueVector;

/// What an operator returned: tensors, lists, numbers, truth values or text, in order.
///
/// @param values the results
public record Outputs(List<Object> values) {

    /// The result at this position, which must be a tensor.
    public Tensor tensor(int index) {
        if (values.get(index) instanceof Tensor tensor) return tensor;
        throw new IllegalArgumentException(
                "result %d is not a tensor: %s".formatted(index, values.get(index)));
    }

    /// The result at this position, which must be a list of tensors.
    public List<Tensor> tensors(int index) {
        if (values.get(index) instanceof List<?> list) {
            return list.stream().map(Tensor.class::cast).toList();
        }
        throw new IllegalArgumentException(
                "result %d is not a list: %s".formatted(index, values.get(index)));
    }

    static Outputs of(IValueVector stack) {
        return new Outputs(
                LongStream.range(0, stack.size())
                        .mapToObj(i -> Boxes.unbox(stack.get(i)))
                        .toList());
    }
}
