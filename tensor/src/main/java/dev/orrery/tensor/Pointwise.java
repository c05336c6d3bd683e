package dev.orrery.tensor;

import static dev.orrery.tensor.Tensor.at;
import static dev.orrery.tensor.Tensor.scalar;
import static dev.orrery.tensor.Tensor.wrap;

/// Functions of one element at a time.
public sealed interface Pointwise permits Tensor {

    /// Negative.
    default Tensor neg() {
        var a = at(this);
        return wrap(a.neg());
    }

    /// Negative, in place.
    default Tensor neg_() {
        var a = at(this);
        a.neg_();
        return (Tensor) this;
    }

    /// Absolute value.
    default Tensor abs() {
        var a = at(this);
        return wrap(a.abs());
    }

    /// Absolute value, in place.
    default Tensor abs_() {
        var a = at(this);
        a.abs_();
        return (Tensor) this;
    }

    /// e to the power of this.
    default Tensor exp() {
        var a = at(this);
        return wrap(a.exp());
    }

    /// e to the power of this, in place.
    default Tensor exp_() {
        var a = at(this);
        a.exp_();
        return (Tensor) this;
    }

    /// `exp(x) - 1`, exact near 0.
    default Tensor expm1() {
        var a = at(this);
        return wrap(a.expm1());
    }

    /// 2 to the power of this.
    default Tensor exp2() {
        var a = at(this);
        return wrap(a.exp2());
    }

    /// Natural logarithm.
    default Tensor log() {
        var a = at(this);
        return wrap(a.log());
    }

    /// Natural logarithm, in place.
    default Tensor log_() {
        var a = at(this);
        a.log_();
        return (Tensor) this;
    }

    /// `log(1 + x)`, exact near 0.
    default Tensor log1p() {
        var a = at(this);
        return wrap(a.log1p());
    }

    /// Logarithm to base 2.
    default Tensor log2() {
        var a = at(this);
        return wrap(a.log2());
    }

    /// Logarithm to base 10.
    default Tensor log10() {
        var a = at(this);
        return wrap(a.log10());
    }

    /// Square root.
    default Tensor sqrt() {
        var a = at(this);
        return wrap(a.sqrt());
    }

    /// Square root, in place.
    default Tensor sqrt_() {
        var a = at(this);
        a.sqrt_();
        return (Tensor) this;
    }

    /// One over the square root.
    default Tensor rsqrt() {
        var a = at(this);
        return wrap(a.rsqrt());
    }

    /// One over the square root, in place.
    default Tensor rsqrt_() {
        var a = at(this);
        a.rsqrt_();
        return (Tensor) this;
    }

    /// Square.
    default Tensor square() {
        var a = at(this);
        return wrap(a.square());
    }

    /// Square, in place.
    default Tensor square_() {
        var a = at(this);
        a.square_();
        return (Tensor) this;
    }

    /// One over this.
    default Tensor reciprocal() {
        var a = at(this);
        return wrap(a.reciprocal());
    }

    /// One over this, in place.
    default Tensor reciprocal_() {
        var a = at(this);
        a.reciprocal_();
        return (Tensor) this;
    }

    /// Sine of radians.
    default Tensor sin() {
        var a = at(this);
        return wrap(a.sin());
    }

    /// Cosine of radians.
    default Tensor cos() {
        var a = at(this);
        return wrap(a.cos());
    }

    /// Tangent of radians.
    default Tensor tan() {
        var a = at(this);
        return wrap(a.tan());
    }

    /// Arc sine in radians.
    default Tensor asin() {
        var a = at(this);
        return wrap(a.asin());
    }

    /// Arc cosine in radians.
    default Tensor acos() {
        var a = at(this);
        return wrap(a.acos());
    }

    /// Arc tangent in radians.
    default Tensor atan() {
        var a = at(this);
        return wrap(a.atan());
    }

    /// Hyperbolic sine.
    default Tensor sinh() {
        var a = at(this);
        return wrap(a.sinh());
    }

    /// Hyperbolic cosine.
    default Tensor cosh() {
        var a = at(this);
        return wrap(a.cosh());
    }

    /// Hyperbolic tangent.
    default Tensor tanh() {
        var a = at(this);
        return wrap(a.tanh());
    }

    /// Hyperbolic tangent, in place.
    default Tensor tanh_() {
        var a = at(this);
        a.tanh_();
        return (Tensor) this;
    }

    /// Logistic function.
    default Tensor sigmoid() {
        var a = at(this);
        return wrap(a.sigmoid());
    }

    /// Logistic function, in place.
    default Tensor sigmoid_() {
        var a = at(this);
        a.sigmoid_();
        return (Tensor) this;
    }

    /// The positive part.
    default Tensor relu() {
        var a = at(this);
        return wrap(a.relu());
    }

    /// The positive part, in place.
    default Tensor relu_() {
        var a = at(this);
        a.relu_();
        return (Tensor) this;
    }

    /// Next integer below.
    default Tensor floor() {
        var a = at(this);
        return wrap(a.floor());
    }

    /// Next integer below, in place.
    default Tensor floor_() {
        var a = at(this);
        a.floor_();
        return (Tensor) this;
    }

    /// Next integer above.
    default Tensor ceil() {
        var a = at(this);
        return wrap(a.ceil());
    }

    /// Nearest integer, halves to even.
    default Tensor round() {
        var a = at(this);
        return wrap(a.round());
    }

    /// Nearest integer, halves to even, in place.
    default Tensor round_() {
        var a = at(this);
        a.round_();
        return (Tensor) this;
    }

    /// Integer part.
    default Tensor trunc() {
        var a = at(this);
        return wrap(a.trunc());
    }

    /// Fractional part.
    default Tensor frac() {
        var a = at(this);
        return wrap(a.frac());
    }

    /// -1, 0 or 1.
    default Tensor sign() {
        var a = at(this);
        return wrap(a.sign());
    }

    /// Error function.
    default Tensor erf() {
        var a = at(this);
        return wrap(a.erf());
    }

    /// One minus the error function.
    default Tensor erfc() {
        var a = at(this);
        return wrap(a.erfc());
    }

    /// Inverse of the error function.
    default Tensor erfinv() {
        var a = at(this);
        return wrap(a.erfinv());
    }

    /// NaN becomes 0, infinities the largest finite values.
    default Tensor nanToNum() {
        var a = at(this);
        return wrap(a.nan_to_num());
    }

    /// Sets every element, in place.
    default Tensor fill_(double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            a.fill_(s);
            return (Tensor) this;
        }
    }

    /// Sets every element to zero, in place.
    default Tensor zero_() {
        var a = at(this);
        a.zero_();
        return (Tensor) this;
    }

    /// Copies the values of a tensor that broadcasts to this shape, in place; converts type and
    /// device.
    default Tensor copy_(Tensor source) {
        var a = at(this);
        a.copy_(at(source));
        return (Tensor) this;
    }
}
