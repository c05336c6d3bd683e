package dev.orrery.optim;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Dispatcher;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/// The directions along which the gradients of a loss mostly lie, to see whether two losses pull
/// the same parameters the same way.
///
/// Gradients of several batches are the rows of a matrix; its first right singular vectors span the
/// subspace. Two subspaces of rank r overlap by `‖V₁ V₂ᵀ‖² / r`: 1 if they are the same, 0 if they
/// are at right angles, about `r / P` for random ones among P parameters.
///
/// @param basis orthonormal rows `(r, P)`
/// @param share of the squared length of all gradients that lies in the subspace
public record GradientSubspace(Tensor basis, double share) {

    /// Gathers gradients and finds their subspace. The parameters' gradients are empty afterwards.
    ///
    /// @param parameters those that count; each batch must reach them
    /// @param batches how many gradients, at least `rank`
    /// @param rank r
    /// @param backward computes the loss of a batch, given its number, and its gradients
    /// @throws IllegalArgumentException if there are too few batches, or a loss reaches none of the
    ///   parameters
    public static GradientSubspace of(
            Collection<Tensor> parameters, int batches, int rank, IntConsumer backward) {
        if (rank < 1 || batches < rank) {
            throw new IllegalArgumentException(
                    "a subspace of rank %d from %d gradients; use at least as many gradients, and rank 1 or more"
                            .formatted(rank, batches));
        }
        try (var scope = TensorScope.open()) {
            var rows = new java.util.ArrayList<Tensor>();
            for (int b = 0; b < batches; b++) {
                parameters.forEach(Tensor::clearGrad);
                try (var inner = TensorScope.open()) {
                    backward.accept(b);
                    rows.add(inner.keep(flat(parameters)));
                }
            }
            parameters.forEach(Tensor::clearGrad);
            return principal(scope, Tensor.stack(rows, 0), rank);
        }
    }

    private static Tensor flat(Collection<Tensor> parameters) {
        if (parameters.stream().noneMatch(Tensor::hasGrad)) {
            throw new IllegalArgumentException(
                    "the loss has no gradient in any of %d parameters; name parameters that it depends on, and that are not frozen"
                            .formatted(parameters.size()));
        }
        try (var _ = Grad.disabled()) {
            return Tensor.cat(
                    parameters.stream()
                            .map(p ->
                                    p.hasGrad()
                                            ? p.grad().reshape(-1).to(DType.F32)
                                            : Tensor.zeros(p.numel()))
                            .toList(),
                    0);
        }
    }

    private static GradientSubspace principal(TensorScope scope, Tensor rows, int rank) {
        try (var _ = Grad.disabled()) {
            var parts = Dispatcher.call("aten::linalg_svd", rows, false, Optional.empty());
            var squares = parts.tensor(1).square();
            double share =
                    squares.narrow(0, 0, rank).sum().item() / Math.max(1e-30, squares.sum().item());
            var basis = parts.tensor(2).narrow(0, 0, rank);
            return new GradientSubspace(scope.keep(basis), share);
        }
    }

    /// How much of the other subspace lies in this one, from 0 to 1.
    ///
    /// @throws IllegalArgumentException if ranks or parameters differ
    public double overlap(GradientSubspace other) {
        if (!List.of(basis.size(0), basis.size(1))
                .equals(List.of(other.basis.size(0), other.basis.size(1)))) {
            throw new IllegalArgumentException(
                    "subspaces of rank %d among %d and rank %d among %d parameters; compare equal ones"
                            .formatted(
                                    basis.size(0),
                                    basis.size(1),
                                    other.basis.size(0),
                                    other.basis.size(1)));
        }
        try (var _ = TensorScope.open();
                var _ = Grad.disabled()) {
            return basis.matmul(other.basis.t()).square().sum().item() / basis.size(0);
        }
    }
}
