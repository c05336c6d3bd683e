package dev.orrery.tensor;

import static dev.orrery.tensor.Natives.number;
import static dev.orrery.tensor.Natives.tensor;
import static dev.orrery.tensor.Tensor.at;

/// Comparisons and logic; results are BOOL tensors unless said otherwise.
public sealed interface Comparison permits Tensor {

    /// True where equal.
    default Tensor eq(Tensor other) {
        return tensor(() -> at(this).eq(at(other)));
    }

    /// True where equal.
    default Tensor eq(double value) {
        return tensor(number(value), s -> at(this).eq(s));
    }

    /// True where equal.
    default Tensor eq(long value) {
        return tensor(number(value), s -> at(this).eq(s));
    }

    /// True where different.
    default Tensor ne(Tensor other) {
        return tensor(() -> at(this).ne(at(other)));
    }

    /// True where different.
    default Tensor ne(double value) {
        return tensor(number(value), s -> at(this).ne(s));
    }

    /// True where different.
    default Tensor ne(long value) {
        return tensor(number(value), s -> at(this).ne(s));
    }

    /// True where less.
    default Tensor lt(Tensor other) {
        return tensor(() -> at(this).lt(at(other)));
    }

    /// True where less.
    default Tensor lt(double value) {
        return tensor(number(value), s -> at(this).lt(s));
    }

    /// True where less.
    default Tensor lt(long value) {
        return tensor(number(value), s -> at(this).lt(s));
    }

    /// True where less or equal.
    default Tensor le(Tensor other) {
        return tensor(() -> at(this).le(at(other)));
    }

    /// True where less or equal.
    default Tensor le(double value) {
        return tensor(number(value), s -> at(this).le(s));
    }

    /// True where less or equal.
    default Tensor le(long value) {
        return tensor(number(value), s -> at(this).le(s));
    }

    /// True where greater.
    default Tensor gt(Tensor other) {
        return tensor(() -> at(this).gt(at(other)));
    }

    /// True where greater.
    default Tensor gt(double value) {
        return tensor(number(value), s -> at(this).gt(s));
    }

    /// True where greater.
    default Tensor gt(long value) {
        return tensor(number(value), s -> at(this).gt(s));
    }

    /// True where greater or equal.
    default Tensor ge(Tensor other) {
        return tensor(() -> at(this).ge(at(other)));
    }

    /// True where greater or equal.
    default Tensor ge(double value) {
        return tensor(number(value), s -> at(this).ge(s));
    }

    /// True where greater or equal.
    default Tensor ge(long value) {
        return tensor(number(value), s -> at(this).ge(s));
    }

    /// True where both are non-zero.
    default Tensor logicalAnd(Tensor other) {
        return tensor(() -> at(this).logical_and(at(other)));
    }

    /// True where one is non-zero.
    default Tensor logicalOr(Tensor other) {
        return tensor(() -> at(this).logical_or(at(other)));
    }

    /// True where exactly one is non-zero.
    default Tensor logicalXor(Tensor other) {
        return tensor(() -> at(this).logical_xor(at(other)));
    }

    /// Bits set in both.
    default Tensor bitwiseAnd(Tensor other) {
        return tensor(() -> at(this).bitwise_and(at(other)));
    }

    /// Bits set in one of them.
    default Tensor bitwiseOr(Tensor other) {
        return tensor(() -> at(this).bitwise_or(at(other)));
    }

    /// Bits set in exactly one of them.
    default Tensor bitwiseXor(Tensor other) {
        return tensor(() -> at(this).bitwise_xor(at(other)));
    }

    /// True where zero.
    default Tensor logicalNot() {
        return tensor(() -> at(this).logical_not());
    }

    /// All bits flipped; for BOOL the negation.
    default Tensor bitwiseNot() {
        return tensor(() -> at(this).bitwise_not());
    }

    /// True where not a number.
    default Tensor isnan() {
        return tensor(() -> at(this).isnan());
    }

    /// True where infinite.
    default Tensor isinf() {
        return tensor(() -> at(this).isinf());
    }

    /// True where neither infinite nor NaN.
    default Tensor isfinite() {
        return tensor(() -> at(this).isfinite());
    }

    /// Whether all elements agree within `absolute + relative * |other|`.
    default boolean allclose(Tensor other, double relative, double absolute) {
        return Natives.get(() -> at(this).allclose(at(other), relative, absolute, false));
    }

    /// Whether shape and every element are the same.
    default boolean equal(Tensor other) {
        return Natives.get(() -> at(this).equal(at(other)));
    }

    /// True where elements agree within `absolute + relative * |other|`.
    default Tensor isclose(Tensor other, double relative, double absolute) {
        return tensor(() -> at(this).isclose(at(other), relative, absolute, false));
    }
}
