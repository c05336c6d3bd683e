package dev.orrery.tensor;

import static dev.orrery.tensor.Tensor.at;
import static dev.orrery.tensor.Tensor.wrap;

import org.bytedeco.pytorch.LongOptional;

/// Matrix products and factorisations; leading axes are batches.
public sealed interface LinearAlgebra permits Tensor {

    /// Matrix product; leading axes broadcast.
    default Tensor matmul(Tensor other) {
        var a = at(this);
        return wrap(a.matmul(at(other)));
    }

    /// Product of two matrices.
    default Tensor mm(Tensor other) {
        var a = at(this);
        return wrap(a.mm(at(other)));
    }

    /// Products of two batches of matrices, `(B, N, M) x (B, M, P)`.
    default Tensor bmm(Tensor other) {
        var a = at(this);
        return wrap(a.bmm(at(other)));
    }

    /// Matrix times vector.
    default Tensor mv(Tensor vector) {
        var a = at(this);
        return wrap(a.mv(at(vector)));
    }

    /// Inner product of two vectors.
    default Tensor dot(Tensor other) {
        var a = at(this);
        return wrap(a.dot(at(other)));
    }

    /// All products of two vectors.
    default Tensor outer(Tensor other) {
        var a = at(this);
        return wrap(a.outer(at(other)));
    }

    /// This plus the product of two matrices.
    default Tensor addmm(Tensor first, Tensor second) {
        var a = at(this);
        return wrap(a.addmm(at(first), at(second)));
    }

    /// This plus the products of two batches of matrices.
    default Tensor baddbmm(Tensor first, Tensor second) {
        var a = at(this);
        return wrap(a.baddbmm(at(first), at(second)));
    }

    /// Inverse of square matrices.
    default Tensor inverse() {
        var a = at(this);
        return wrap(a.inverse());
    }

    /// Determinant of square matrices.
    default Tensor det() {
        var a = at(this);
        return wrap(a.det());
    }

    /// Lower Cholesky factor of positive definite matrices.
    default Tensor cholesky() {
        var a = at(this);
        return wrap(a.cholesky());
    }

    /// Cross product of vectors of three along an axis.
    default Tensor cross(Tensor other, long axis) {
        var a = at(this);
        try (var o = new LongOptional(axis)) {
            return wrap(a.cross(at(other), o));
        }
    }

    /// Sum of the diagonal.
    default Tensor trace() {
        var a = at(this);
        return wrap(a.trace());
    }
}
