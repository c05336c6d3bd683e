package dev.orrery.tensor;

import static dev.orrery.tensor.Natives.number;
import static dev.orrery.tensor.Natives.tensor;
import static dev.orrery.tensor.Natives.update;
import static dev.orrery.tensor.Tensor.at;

/// Functions of one element at a time.
public sealed interface Pointwise permits Tensor {

    /// Negative.
    default Tensor neg() {
        return tensor(() -> at(this).neg());
    }

    /// Negative, in place.
    default Tensor neg_() {
        return update(this, () -> at(this).neg_());
    }

    /// Absolute value.
    default Tensor abs() {
        return tensor(() -> at(this).abs());
    }

    /// Absolute value, in place.
    default Tensor abs_() {
        return update(this, () -> at(this).abs_());
    }

    /// e to the power of this.
    default Tensor exp() {
        return tensor(() -> at(this).exp());
    }

    /// e to the power of this, in place.
    default Tensor exp_() {
        return update(this, () -> at(this).exp_());
    }

    /// `exp(x) - 1`, exact near 0.
    default Tensor expm1() {
        return tensor(() -> at(this).expm1());
    }

    /// 2 to the power of this.
    default Tensor exp2() {
        return tensor(() -> at(this).exp2());
    }

    /// Natural logarithm.
    default Tensor log() {
        return tensor(() -> at(this).log());
    }

    /// Natural logarithm, in place.
    default Tensor log_() {
        return update(this, () -> at(this).log_());
    }

    /// `log(1 + x)`, exact near 0.
    default Tensor log1p() {
        return tensor(() -> at(this).log1p());
    }

    /// Logarithm to base 2.
    default Tensor log2() {
        return tensor(() -> at(this).log2());
    }

    /// Logarithm to base 10.
    default Tensor log10() {
        return tensor(() -> at(this).log10());
    }

    /// Square root.
    default Tensor sqrt() {
        return tensor(() -> at(this).sqrt());
    }

    /// Square root, in place.
    default Tensor sqrt_() {
        return update(this, () -> at(this).sqrt_());
    }

    /// One over the square root.
    default Tensor rsqrt() {
        return tensor(() -> at(this).rsqrt());
    }

    /// One over the square root, in place.
    default Tensor rsqrt_() {
        return update(this, () -> at(this).rsqrt_());
    }

    /// Square.
    default Tensor square() {
        return tensor(() -> at(this).square());
    }

    /// Square, in place.
    default Tensor square_() {
        return update(this, () -> at(this).square_());
    }

    /// One over this.
    default Tensor reciprocal() {
        return tensor(() -> at(this).reciprocal());
    }

    /// One over this, in place.
    default Tensor reciprocal_() {
        return update(this, () -> at(this).reciprocal_());
    }

    /// Sine of radians.
    default Tensor sin() {
        return tensor(() -> at(this).sin());
    }

    /// Cosine of radians.
    default Tensor cos() {
        return tensor(() -> at(this).cos());
    }

    /// Tangent of radians.
    default Tensor tan() {
        return tensor(() -> at(this).tan());
    }

    /// Arc sine in radians.
    default Tensor asin() {
        return tensor(() -> at(this).asin());
    }

    /// Arc cosine in radians.
    default Tensor acos() {
        return tensor(() -> at(this).acos());
    }

    /// Arc tangent in radians.
    default Tensor atan() {
        return tensor(() -> at(this).atan());
    }

    /// Hyperbolic sine.
    default Tensor sinh() {
        return tensor(() -> at(this).sinh());
    }

    /// Hyperbolic cosine.
    default Tensor cosh() {
        return tensor(() -> at(this).cosh());
    }

    /// Hyperbolic tangent.
    default Tensor tanh() {
        return tensor(() -> at(this).tanh());
    }

    /// Hyperbolic tangent, in place.
    default Tensor tanh_() {
        return update(this, () -> at(this).tanh_());
    }

    /// Logistic function.
    default Tensor sigmoid() {
        return tensor(() -> at(this).sigmoid());
    }

    /// Logistic function, in place.
    default Tensor sigmoid_() {
        return update(this, () -> at(this).sigmoid_());
    }

    /// The positive part.
    default Tensor relu() {
        return tensor(() -> at(this).relu());
    }

    /// The positive part, in place.
    default Tensor relu_() {
        return update(this, () -> at(this).relu_());
    }

    /// Next integer below.
    default Tensor floor() {
        return tensor(() -> at(this).floor());
    }

    /// Next integer below, in place.
    default Tensor floor_() {
        return update(this, () -> at(this).floor_());
    }

    /// Next integer above.
    default Tensor ceil() {
        return tensor(() -> at(this).ceil());
    }

    /// Nearest integer, halves to even.
    default Tensor round() {
        return tensor(() -> at(this).round());
    }

    /// Nearest integer, halves to even, in place.
    default Tensor round_() {
        return update(this, () -> at(this).round_());
    }

    /// Integer part.
    default Tensor trunc() {
        return tensor(() -> at(this).trunc());
    }

    /// Fractional part.
    default Tensor frac() {
        return tensor(() -> at(this).frac());
    }

    /// -1, 0 or 1.
    default Tensor sign() {
        return tensor(() -> at(this).sign());
    }

    /// Error function.
    default Tensor erf() {
        return tensor(() -> at(this).erf());
    }

    /// One minus the error function.
    default Tensor erfc() {
        return tensor(() -> at(this).erfc());
    }

    /// Inverse of the error function.
    default Tensor erfinv() {
        return tensor(() -> at(this).erfinv());
    }

    /// NaN becomes 0, infinities the largest finite values.
    default Tensor nanToNum() {
        return tensor(() -> at(this).nan_to_num());
    }

    /// Sets every element, in place.
    default Tensor fill_(double value) {
        return update(this, number(value), s -> at(this).fill_(s));
    }

    /// Sets every element to zero, in place.
    default Tensor zero_() {
        return update(this, () -> at(this).zero_());
    }

    /// Copies the values of a tensor that broadcasts to this shape, in place; converts type and
    /// device.
    default Tensor copy_(Tensor source) {
        return update(this, () -> at(this).copy_(at(source)));
    }
}
