package dev.orrery.tensor;

import static dev.orrery.tensor.Tensor.at;
import static dev.orrery.tensor.Tensor.scalar;
import static dev.orrery.tensor.Tensor.wrap;

/// Element by element arithmetic; shapes broadcast and types promote as in PyTorch.
public sealed interface Arithmetic permits Tensor {

    /// Sum.
    default Tensor add(Tensor other) {
        var a = at(this);
        return wrap(a.add(at(other)));
    }

    /// Sum.
    default Tensor add(double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.add(s));
        }
    }

    /// Sum.
    default Tensor add(long value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.add(s));
        }
    }

    /// Sum, in place.
    default Tensor add_(Tensor other) {
        var a = at(this);
        a.add_(at(other));
        return (Tensor) this;
    }

    /// Sum, in place.
    default Tensor add_(double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            a.add_(s);
            return (Tensor) this;
        }
    }

    /// Sum, in place.
    default Tensor add_(long value) {
        var a = at(this);
        try (var s = scalar(value)) {
            a.add_(s);
            return (Tensor) this;
        }
    }

    /// Sum with `alpha` times the other tensor.
    default Tensor add(Tensor other, double alpha) {
        var a = at(this);
        try (var s = scalar(alpha)) {
            return wrap(a.add(at(other), s));
        }
    }

    /// Adds `alpha` times the other tensor, in place.
    default Tensor add_(Tensor other, double alpha) {
        var a = at(this);
        try (var s = scalar(alpha)) {
            a.add_(at(other), s);
            return (Tensor) this;
        }
    }

    /// Difference.
    default Tensor sub(Tensor other) {
        var a = at(this);
        return wrap(a.sub(at(other)));
    }

    /// Difference.
    default Tensor sub(double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.sub(s));
        }
    }

    /// Difference.
    default Tensor sub(long value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.sub(s));
        }
    }

    /// Difference, in place.
    default Tensor sub_(Tensor other) {
        var a = at(this);
        a.sub_(at(other));
        return (Tensor) this;
    }

    /// Difference, in place.
    default Tensor sub_(double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            a.sub_(s);
            return (Tensor) this;
        }
    }

    /// Difference, in place.
    default Tensor sub_(long value) {
        var a = at(this);
        try (var s = scalar(value)) {
            a.sub_(s);
            return (Tensor) this;
        }
    }

    /// Product.
    default Tensor mul(Tensor other) {
        var a = at(this);
        return wrap(a.mul(at(other)));
    }

    /// Product.
    default Tensor mul(double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.mul(s));
        }
    }

    /// Product.
    default Tensor mul(long value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.mul(s));
        }
    }

    /// Product, in place.
    default Tensor mul_(Tensor other) {
        var a = at(this);
        a.mul_(at(other));
        return (Tensor) this;
    }

    /// Product, in place.
    default Tensor mul_(double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            a.mul_(s);
            return (Tensor) this;
        }
    }

    /// Product, in place.
    default Tensor mul_(long value) {
        var a = at(this);
        try (var s = scalar(value)) {
            a.mul_(s);
            return (Tensor) this;
        }
    }

    /// True quotient; integers become floats.
    default Tensor div(Tensor other) {
        var a = at(this);
        return wrap(a.div(at(other)));
    }

    /// True quotient; integers become floats.
    default Tensor div(double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.div(s));
        }
    }

    /// True quotient; integers become floats.
    default Tensor div(long value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.div(s));
        }
    }

    /// True quotient; integers become floats, in place.
    default Tensor div_(Tensor other) {
        var a = at(this);
        a.div_(at(other));
        return (Tensor) this;
    }

    /// True quotient; integers become floats, in place.
    default Tensor div_(double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            a.div_(s);
            return (Tensor) this;
        }
    }

    /// True quotient; integers become floats, in place.
    default Tensor div_(long value) {
        var a = at(this);
        try (var s = scalar(value)) {
            a.div_(s);
            return (Tensor) this;
        }
    }

    /// Quotient rounded towards minus infinity.
    default Tensor floorDivide(Tensor other) {
        var a = at(this);
        return wrap(a.floor_divide(at(other)));
    }

    /// Quotient rounded towards minus infinity.
    default Tensor floorDivide(double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.floor_divide(s));
        }
    }

    /// Quotient rounded towards minus infinity.
    default Tensor floorDivide(long value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.floor_divide(s));
        }
    }

    /// Remainder with the sign of the divisor.
    default Tensor remainder(Tensor other) {
        var a = at(this);
        return wrap(a.remainder(at(other)));
    }

    /// Remainder with the sign of the divisor.
    default Tensor remainder(double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.remainder(s));
        }
    }

    /// Remainder with the sign of the divisor.
    default Tensor remainder(long value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.remainder(s));
        }
    }

    /// Remainder with the sign of the dividend.
    default Tensor fmod(Tensor other) {
        var a = at(this);
        return wrap(a.fmod(at(other)));
    }

    /// Remainder with the sign of the dividend.
    default Tensor fmod(double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.fmod(s));
        }
    }

    /// Remainder with the sign of the dividend.
    default Tensor fmod(long value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.fmod(s));
        }
    }

    /// Power.
    default Tensor pow(Tensor other) {
        var a = at(this);
        return wrap(a.pow(at(other)));
    }

    /// Power.
    default Tensor pow(double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.pow(s));
        }
    }

    /// Power.
    default Tensor pow(long value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.pow(s));
        }
    }

    /// Power, in place.
    default Tensor pow_(Tensor other) {
        var a = at(this);
        a.pow_(at(other));
        return (Tensor) this;
    }

    /// Power, in place.
    default Tensor pow_(double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            a.pow_(s);
            return (Tensor) this;
        }
    }

    /// Power, in place.
    default Tensor pow_(long value) {
        var a = at(this);
        try (var s = scalar(value)) {
            a.pow_(s);
            return (Tensor) this;
        }
    }

    /// Larger of both; a NaN wins.
    default Tensor maximum(Tensor other) {
        var a = at(this);
        return wrap(a.maximum(at(other)));
    }

    /// Smaller of both; a NaN wins.
    default Tensor minimum(Tensor other) {
        var a = at(this);
        return wrap(a.minimum(at(other)));
    }

    /// Angle of the point (other, this) in radians, -pi to pi.
    default Tensor atan2(Tensor other) {
        var a = at(this);
        return wrap(a.atan2(at(other)));
    }

    /// `log(exp(this) + exp(other))` without overflow.
    default Tensor logaddexp(Tensor other) {
        var a = at(this);
        return wrap(a.logaddexp(at(other)));
    }

    /// This plus `weight` times (end - this).
    default Tensor lerp(Tensor end, double weight) {
        var a = at(this);
        try (var s = scalar(weight)) {
            return wrap(a.lerp(at(end), s));
        }
    }

    /// This plus `weight` times (end - this).
    default Tensor lerp(Tensor end, Tensor weight) {
        var a = at(this);
        return wrap(a.lerp(at(end), at(weight)));
    }

    /// Moves this towards `end` by the fraction `weight`, in place.
    default Tensor lerp_(Tensor end, double weight) {
        var a = at(this);
        try (var s = scalar(weight)) {
            a.lerp_(at(end), s);
            return (Tensor) this;
        }
    }

    /// This plus `value` times the product of two tensors.
    default Tensor addcmul(Tensor first, Tensor second, double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.addcmul(at(first), at(second), s));
        }
    }

    /// This plus `value` times the quotient of two tensors.
    default Tensor addcdiv(Tensor first, Tensor second, double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            return wrap(a.addcdiv(at(first), at(second), s));
        }
    }

    /// This plus `value` times the product of two tensors, in place.
    default Tensor addcmul_(Tensor first, Tensor second, double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            a.addcmul_(at(first), at(second), s);
            return (Tensor) this;
        }
    }

    /// This plus `value` times the quotient of two tensors, in place.
    default Tensor addcdiv_(Tensor first, Tensor second, double value) {
        var a = at(this);
        try (var s = scalar(value)) {
            a.addcdiv_(at(first), at(second), s);
            return (Tensor) this;
        }
    }

    /// Values limited to `low` .. `high`.
    default Tensor clamp(double low, double high) {
        var a = at(this);
        try (var s = scalar(low);
                var h = scalar(high)) {
            return wrap(a.clamp_min(s).clamp_max(h));
        }
    }

    /// Values limited to at least `low`.
    default Tensor clampMin(double low) {
        var a = at(this);
        try (var s = scalar(low)) {
            return wrap(a.clamp_min(s));
        }
    }

    /// Values limited to at most `high`.
    default Tensor clampMax(double high) {
        var a = at(this);
        try (var s = scalar(high)) {
            return wrap(a.clamp_max(s));
        }
    }

    /// Limits values to `low` .. `high`, in place.
    default Tensor clamp_(double low, double high) {
        var a = at(this);
        try (var s = scalar(low);
                var h = scalar(high)) {
            a.clamp_min_(s).clamp_max_(h);
            return (Tensor) this;
        }
    }
}
