package dev.orrery.worldmodel;

import dev.orrery.tensor.Tensor;

/// A logarithm for numbers of either sign: nearly the number itself around zero, its logarithm far
/// out.
///
/// Source: arXiv:2301.04104.
public final class Symlog {

    private Symlog() {}

    /// `sign(x) ln(1 + |x|)`.
    public static Tensor symlog(Tensor x) {
        return x.sign().mul(x.abs().log1p());
    }

    /// `sign(x) (e^|x| - 1)`, the inverse.
    public static Tensor symexp(Tensor x) {
        return x.sign().mul(x.abs().expm1());
    }

    /// As [#symexp(Tensor)], of one number.
    public static double symexp(double x) {
        return Math.signum(x) * Math.expm1(Math.abs(x));
    }
}
