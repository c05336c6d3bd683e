package dev.orrery.tensor;

import static dev.orrery.tensor.Natives.tensor;
import static dev.orrery.tensor.Tensor.at;

import org.bytedeco.pytorch.LongOptional;

/// Matrix products and factorisations; leading axes are batches.
public sealed interface LinearAlgebra permits Tensor {

    /// Matrix product; leading axes broadcast.
    default Tensor matmul(Tensor other) {
        return Product.matmul((Tensor) this, other);
    }

    /// Product of two matrices.
    default Tensor mm(Tensor other) {
        return tensor(() -> at(this).mm(at(other)));
    }

    /// Products of two batches of matrices, `(B, N, M) x (B, M, P)`.
    default Tensor bmm(Tensor other) {
        return tensor(() -> at(this).bmm(at(other)));
    }

    /// Matrix times vector.
    default Tensor mv(Tensor vector) {
        return tensor(() -> at(this).mv(at(vector)));
    }

    /// Inner product of two vectors.
    default Tensor dot(Tensor other) {
        return tensor(() -> at(this).dot(at(other)));
    }

    /// All products of two vectors.
    default Tensor outer(Tensor other) {
        return tensor(() -> at(this).outer(at(other)));
    }

    /// This plus the product of two matrices.
    default Tensor addmm(Tensor first, Tensor second) {
        return tensor(() -> at(this).addmm(at(first), at(second)));
    }

    /// This plus the products of two batches of matrices.
    default Tensor baddbmm(Tensor first, Tensor second) {
        return tensor(() -> at(this).baddbmm(at(first), at(second)));
    }

    /// Inverse of square matrices.
    default Tensor inverse() {
        return tensor(() -> at(this).inverse());
    }

    /// Determinant of square matrices.
    default Tensor det() {
        return tensor(() -> at(this).det());
    }

    /// Lower Cholesky factor of positive definite matrices.
    default Tensor cholesky() {
        return tensor(() -> at(this).cholesky());
    }

    /// Cross product of vectors of three along an axis.
    default Tensor cross(Tensor other, long axis) {
        return tensor(new LongOptional(axis), o -> at(this).cross(at(other), o));
    }

    /// Sum of the diagonal.
    default Tensor trace() {
        return tensor(() -> at(this).trace());
    }
}
