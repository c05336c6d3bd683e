package dev.orrery.tensor;

import static dev.orrery.tensor.Tensor.at;
import static dev.orrery.tensor.Tensor.scalar;
import static dev.orrery.tensor.Tensor.wrap;

/// Comparisons and logic; results are BOOL tensors unless said otherwise.
public sealed interface Comparison permits Tensor {

    /// True where equal.
    default Tensor eq(Tensor other) {
        var a = at(this);
        return wrap(a.eq(at(other)));
    }

    /// True where equal.
    default Tensor eq(double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.eq(s));
        }
    }

    /// True where equal.
    default Tensor eq(long value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.eq(s));
        }
    }

    /// True where different.
    default Tensor ne(Tensor other) {
        var a = at(this);
        return wrap(a.ne(at(other)));
    }

    /// True where different.
    default Tensor ne(double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.ne(s));
        }
    }

    /// True where different.
    default Tensor ne(long value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.ne(s));
        }
    }

    /// True where less.
    default Tensor lt(Tensor other) {
        var a = at(this);
        return wrap(a.lt(at(other)));
    }

    /// True where less.
    default Tensor lt(double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.lt(s));
        }
    }

    /// True where less.
    default Tensor lt(long value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.lt(s));
        }
    }

    /// True where less or equal.
    default Tensor le(Tensor other) {
        var a = at(this);
        return wrap(a.le(at(other)));
    }

    /// True where less or equal.
    default Tensor le(double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.le(s));
        }
    }

    /// True where less or equal.
    default Tensor le(long value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.le(s));
        }
    }

    /// True where greater.
    default Tensor gt(Tensor other) {
        var a = at(this);
        return wrap(a.gt(at(other)));
    }

    /// True where greater.
    default Tensor gt(double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.gt(s));
        }
    }

    /// True where greater.
    default Tensor gt(long value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.gt(s));
        }
    }

    /// True where greater or equal.
    default Tensor ge(Tensor other) {
        var a = at(this);
        return wrap(a.ge(at(other)));
    }

    /// True where greater or equal.
    default Tensor ge(double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.ge(s));
        }
    }

    /// True where greater or equal.
    default Tensor ge(long value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.ge(s));
        }
    }

    /// True where both are non-zero.
    default Tensor logicalAnd(Tensor other) {
        var a = at(this);
        return wrap(a.logical_and(at(other)));
    }

    /// True where one is non-zero.
    default Tensor logicalOr(Tensor other) {
        var a = at(this);
        return wrap(a.logical_or(at(other)));
    }

    /// True where exactly one is non-zero.
    default Tensor logicalXor(Tensor other) {
        var a = at(this);
        return wrap(a.logical_xor(at(other)));
    }

    /// Bits set in both.
    default Tensor bitwiseAnd(Tensor other) {
        var a = at(this);
        return wrap(a.bitwise_and(at(other)));
    }

    /// Bits set in one of them.
    default Tensor bitwiseOr(Tensor other) {
        var a = at(this);
        return wrap(a.bitwise_or(at(other)));
    }

    /// Bits set in exactly one of them.
    default Tensor bitwiseXor(Tensor other) {
        var a = at(this);
        return wrap(a.bitwise_xor(at(other)));
    }

    /// True where zero.
    default Tensor logicalNot() {
        var a = at(this);
        return wrap(a.logical_not());
    }

    /// All bits flipped; for BOOL the negation.
    default Tensor bitwiseNot() {
        var a = at(this);
        return wrap(a.bitwise_not());
    }

    /// True where not a number.
    default Tensor isnan() {
        var a = at(this);
        return wrap(a.isnan());
    }

    /// True where infinite.
    default Tensor isinf() {
        var a = at(this);
        return wrap(a.isinf());
    }

    /// True where neither infinite nor NaN.
    default Tensor isfinite() {
        var a = at(this);
        return wrap(a.isfinite());
    }

    /// Whether all elements agree within `absolute + relative * |other|`.
    default boolean allclose(Tensor other, double relative, double absolute) {
        var a = at(this);
        return a.allclose(at(other), relative, absolute, false);
    }

    /// Whether shape and every element are the same.
    default boolean equal(Tensor other) {
        var a = at(this);
        return a.equal(at(other));
    }

    /// True where elements agree within `absolute + relative * |other|`.
    default Tensor isclose(Tensor other, double relative, double absolute) {
        var a = at(this);
        return wrap(a.isclose(at(other), relative, absolute, false));
    }
}
