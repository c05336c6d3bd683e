package dev.orrery.tensor;

import static dev.orrery.tensor.Natives.number;
import static dev.orrery.tensor.Natives.tensor;
import static dev.orrery.tensor.Natives.update;
import static dev.orrery.tensor.Numbers.wrapped;
import static dev.orrery.tensor.Tensor.at;

import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.global.torch;

/// Element by element arithmetic; shapes broadcast and types promote as in PyTorch.
public sealed interface Arithmetic permits Tensor {

    /// Sum.
    default Tensor add(Tensor other) {
        return tensor(() -> at(this).add(at(other)));
    }

    /// Sum.
    default Tensor add(double value) {
        return tensor(wrapped(value), n -> at(this).add(n));
    }

    /// Sum.
    default Tensor add(long value) {
        return tensor(wrapped(value), n -> at(this).add(n));
    }

    /// Sum, in place.
    default Tensor add_(Tensor other) {
        return update(this, () -> at(this).add_(at(other)));
    }

    /// Sum, in place.
    default Tensor add_(double value) {
        return update(this, wrapped(value), n -> at(this).add_(n));
    }

    /// Sum, in place.
    default Tensor add_(long value) {
        return update(this, wrapped(value), n -> at(this).add_(n));
    }

    /// Sum with `alpha` times the other tensor.
    default Tensor add(Tensor other, double alpha) {
        return tensor(number(alpha), s -> at(this).add(at(other), s));
    }

    /// Adds `alpha` times the other tensor, in place.
    default Tensor add_(Tensor other, double alpha) {
        return update(this, number(alpha), s -> at(this).add_(at(other), s));
    }

    /// Difference.
    default Tensor sub(Tensor other) {
        return tensor(() -> at(this).sub(at(other)));
    }

    /// Difference.
    default Tensor sub(double value) {
        return tensor(wrapped(value), n -> at(this).sub(n));
    }

    /// Difference.
    default Tensor sub(long value) {
        return tensor(wrapped(value), n -> at(this).sub(n));
    }

    /// Difference, in place.
    default Tensor sub_(Tensor other) {
        return update(this, () -> at(this).sub_(at(other)));
    }

    /// Difference, in place.
    default Tensor sub_(double value) {
        return update(this, wrapped(value), n -> at(this).sub_(n));
    }

    /// Difference, in place.
    default Tensor sub_(long value) {
        return update(this, wrapped(value), n -> at(this).sub_(n));
    }

    /// Product.
    default Tensor mul(Tensor other) {
        return tensor(() -> at(this).mul(at(other)));
    }

    /// Product.
    default Tensor mul(double value) {
        return tensor(wrapped(value), n -> at(this).mul(n));
    }

    /// Product.
    default Tensor mul(long value) {
        return tensor(wrapped(value), n -> at(this).mul(n));
    }

    /// Product, in place.
    default Tensor mul_(Tensor other) {
        return update(this, () -> at(this).mul_(at(other)));
    }

    /// Product, in place.
    default Tensor mul_(double value) {
        return update(this, wrapped(value), n -> at(this).mul_(n));
    }

    /// Product, in place.
    default Tensor mul_(long value) {
        return update(this, wrapped(value), n -> at(this).mul_(n));
    }

    /// True quotient; integers become floats.
    default Tensor div(Tensor other) {
        return tensor(() -> at(this).div(at(other)));
    }

    /// True quotient; integers become floats.
    default Tensor div(double value) {
        return tensor(wrapped(value), n -> at(this).div(n));
    }

    /// True quotient; integers become floats.
    default Tensor div(long value) {
        return tensor(wrapped(value), n -> at(this).div(n));
    }

    /// True quotient; integers become floats, in place.
    default Tensor div_(Tensor other) {
        return update(this, () -> at(this).div_(at(other)));
    }

    /// True quotient; integers become floats, in place.
    default Tensor div_(double value) {
        return update(this, wrapped(value), n -> at(this).div_(n));
    }

    /// True quotient; integers become floats, in place.
    default Tensor div_(long value) {
        return update(this, wrapped(value), n -> at(this).div_(n));
    }

    /// Quotient rounded towards minus infinity.
    default Tensor floorDivide(Tensor other) {
        return tensor(() -> at(this).floor_divide(at(other)));
    }

    /// Quotient rounded towards minus infinity.
    default Tensor floorDivide(double value) {
        return tensor(number(value), s -> at(this).floor_divide(s));
    }

    /// Quotient rounded towards minus infinity.
    default Tensor floorDivide(long value) {
        return tensor(number(value), s -> at(this).floor_divide(s));
    }

    /// Remainder with the sign of the divisor.
    default Tensor remainder(Tensor other) {
        return tensor(() -> at(this).remainder(at(other)));
    }

    /// Remainder with the sign of the divisor.
    default Tensor remainder(double value) {
        return tensor(number(value), s -> at(this).remainder(s));
    }

    /// Remainder with the sign of the divisor.
    default Tensor remainder(long value) {
        return tensor(number(value), s -> at(this).remainder(s));
    }

    /// Remainder with the sign of the dividend.
    default Tensor fmod(Tensor other) {
        return tensor(() -> at(this).fmod(at(other)));
    }

    /// Remainder with the sign of the dividend.
    default Tensor fmod(double value) {
        return tensor(number(value), s -> at(this).fmod(s));
    }

    /// Remainder with the sign of the dividend.
    default Tensor fmod(long value) {
        return tensor(number(value), s -> at(this).fmod(s));
    }

    /// Power.
    default Tensor pow(Tensor other) {
        return tensor(() -> at(this).pow(at(other)));
    }

    /// Power.
    default Tensor pow(double value) {
        return tensor(number(value), s -> at(this).pow(s));
    }

    /// Power.
    default Tensor pow(long value) {
        return tensor(number(value), s -> at(this).pow(s));
    }

    /// Power, in place.
    default Tensor pow_(Tensor other) {
        return update(this, () -> at(this).pow_(at(other)));
    }

    /// Power, in place.
    default Tensor pow_(double value) {
        return update(this, number(value), s -> at(this).pow_(s));
    }

    /// Power, in place.
    default Tensor pow_(long value) {
        return update(this, number(value), s -> at(this).pow_(s));
    }

    /// Larger of both; a NaN wins.
    default Tensor maximum(Tensor other) {
        return tensor(() -> at(this).maximum(at(other)));
    }

    /// Smaller of both; a NaN wins.
    default Tensor minimum(Tensor other) {
        return tensor(() -> at(this).minimum(at(other)));
    }

    /// Angle of the point (other, this) in radians, -pi to pi.
    default Tensor atan2(Tensor other) {
        return tensor(() -> at(this).atan2(at(other)));
    }

    /// `log(exp(this) + exp(other))` without overflow.
    default Tensor logaddexp(Tensor other) {
        return tensor(() -> at(this).logaddexp(at(other)));
    }

    /// This plus `weight` times (end - this).
    default Tensor lerp(Tensor end, double weight) {
        return tensor(number(weight), s -> at(this).lerp(at(end), s));
    }

    /// This plus `weight` times (end - this).
    default Tensor lerp(Tensor end, Tensor weight) {
        return tensor(() -> at(this).lerp(at(end), at(weight)));
    }

    /// Moves this towards `end` by the fraction `weight`, in place.
    default Tensor lerp_(Tensor end, double weight) {
        return update(this, number(weight), s -> at(this).lerp_(at(end), s));
    }

    /// This plus `value` times the product of two tensors.
    default Tensor addcmul(Tensor first, Tensor second, double value) {
        return tensor(number(value), s -> at(this).addcmul(at(first), at(second), s));
    }

    /// This plus `value` times the quotient of two tensors.
    default Tensor addcdiv(Tensor first, Tensor second, double value) {
        return tensor(number(value), s -> at(this).addcdiv(at(first), at(second), s));
    }

    /// This plus `value` times the product of two tensors, in place.
    default Tensor addcmul_(Tensor first, Tensor second, double value) {
        return update(this, number(value), s -> at(this).addcmul_(at(first), at(second), s));
    }

    /// This plus `value` times the quotient of two tensors, in place.
    default Tensor addcdiv_(Tensor first, Tensor second, double value) {
        return update(this, number(value), s -> at(this).addcdiv_(at(first), at(second), s));
    }

    /// Values limited to `low` .. `high`.
    default Tensor clamp(double low, double high) {
        return tensor(() -> {
            try (var s = number(low);
                    var l = new ScalarOptional(s);
                    var t = number(high);
                    var h = new ScalarOptional(t)) {
                return torch.clamp(at(this), l, h);
            }
        });
    }

    /// Values limited to at least `low`.
    default Tensor clampMin(double low) {
        return tensor(number(low), s -> at(this).clamp_min(s));
    }

    /// Values limited to at most `high`.
    default Tensor clampMax(double high) {
        return tensor(number(high), s -> at(this).clamp_max(s));
    }

    /// Limits values to `low` .. `high`, in place.
    default Tensor clamp_(double low, double high) {
        return update(
                this,
                () -> {
                    try (var s = number(low);
                            var l = new ScalarOptional(s);
                            var t = number(high);
                            var h = new ScalarOptional(t)) {
                        return torch.clamp_(at(this), l, h);
                    }
                });
    }
}
