package dev.orrery.optim;

import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// The same operation on many tensors.
final class Foreach {

    private Foreach() {}

    /// `x += factor y`.
    static void add_(List<Tensor> xs, List<Tensor> ys, double factor) {
        for (int i = 0; i < xs.size(); i++) xs.get(i).add_(ys.get(i), factor);
    }

    static void add_(List<Tensor> xs, double value) {
        for (var x : xs) x.add_(value);
    }

    static void mul_(List<Tensor> xs, double factor) {
        for (var x : xs) x.mul_(factor);
    }

    /// `x += factor y z`.
    static void addcmul_(List<Tensor> xs, List<Tensor> ys, List<Tensor> zs, double factor) {
        for (int i = 0; i < xs.size(); i++) xs.get(i).addcmul_(ys.get(i), zs.get(i), factor);
    }

    /// `x += weight (end - x)`.
    static void lerp_(List<Tensor> xs, List<Tensor> ends, double weight) {
        for (int i = 0; i < xs.size(); i++) xs.get(i).lerp_(ends.get(i), weight);
    }

    static List<Tensor> div(List<Tensor> xs, List<Tensor> ys) {
        var results = new ArrayList<Tensor>();
        for (int i = 0; i < xs.size(); i++) results.add(xs.get(i).div(ys.get(i)));
        return results;
    }

    static List<Tensor> add(List<Tensor> xs, List<Tensor> ys, double factor) {
        var results = new ArrayList<Tensor>();
        for (int i = 0; i < xs.size(); i++) results.add(xs.get(i).add(ys.get(i), factor));
        return results;
    }

    /// The Euclidean norm of each tensor, in one vector.
    static Tensor norms(List<Tensor> xs) {
        return Tensor.stack(xs.stream().map(Tensor::norm).toList(), 0);
    }
}
