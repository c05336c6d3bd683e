package dev.orrery.optim;

import dev.orrery.tensor.Dispatcher;
import dev.orrery.tensor.Tensor;
import java.util.List;

/// The same operation on many tensors in one native call.
final class Foreach {

    private Foreach() {}

    /// `x += factor y`.
    static void add_(List<Tensor> xs, List<Tensor> ys, double factor) {
        Dispatcher.call("aten::_foreach_add_.List", xs, ys, factor);
    }

    static void add_(List<Tensor> xs, double value) {
        Dispatcher.call("aten::_foreach_add_.Scalar", xs, value);
    }

    static void mul_(List<Tensor> xs, double factor) {
        Dispatcher.call("aten::_foreach_mul_.Scalar", xs, factor);
    }

    /// `x += factor y z`.
    static void addcmul_(List<Tensor> xs, List<Tensor> ys, List<Tensor> zs, double factor) {
        Dispatcher.call("aten::_foreach_addcmul_.Scalar", xs, ys, zs, factor);
    }

    /// `x += weight (end - x)`.
    static void lerp_(List<Tensor> xs, List<Tensor> ends, double weight) {
        Dispatcher.call("aten::_foreach_lerp_.Scalar", xs, ends, weight);
    }

    static List<Tensor> div(List<Tensor> xs, List<Tensor> ys) {
        return Dispatcher.call("aten::_foreach_div.List", xs, ys).tensors(0);
    }

    static List<Tensor> add(List<Tensor> xs, List<Tensor> ys, double factor) {
        return Dispatcher.call("aten::_foreach_add.List", xs, ys, factor).tensors(0);
    }

    /// The Euclidean norm of each tensor, stacked into one vector.
    static Tensor norms(List<Tensor> xs) {
        return Tensor.stack(Dispatcher.call("aten::_foreach_norm.Scalar", xs, 2).tensors(0), 0);
    }
}
