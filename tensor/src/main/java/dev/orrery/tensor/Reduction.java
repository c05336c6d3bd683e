package dev.orrery.tensor;

import static dev.orrery.tensor.Tensor.at;
import static dev.orrery.tensor.Tensor.scalar;
import static dev.orrery.tensor.Tensor.wrap;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;

/// Sums, means, extremes and other reductions; `keep` leaves reduced axes at length 1.
public sealed interface Reduction permits Tensor {

    /// Sum of all elements.
    default Tensor sum() {
        var a = at(this);
        return wrap(a.sum());
    }

    /// Sum over the named axes, which disappear.
    default Tensor sum(long... axes) {
        var a = at(this);
        return wrap(a.sum(axes));
    }

    /// Sum over the named axes.
    default Tensor sum(long[] axes, boolean keep) {
        var a = at(this);
        try (var none = new ScalarTypeOptional()) {
            return wrap(a.sum(axes, keep, none));
        }
    }

    /// Sum over one axis.
    default Tensor sum(long axis, boolean keep) {
        var a = at(this);
        try (var none = new ScalarTypeOptional()) {
            return wrap(a.sum(new long[] {axis}, keep, none));
        }
    }

    /// Mean of all elements.
    default Tensor mean() {
        var a = at(this);
        return wrap(a.mean());
    }

    /// Mean over the named axes, which disappear.
    default Tensor mean(long... axes) {
        var a = at(this);
        return wrap(a.mean(axes));
    }

    /// Mean over the named axes.
    default Tensor mean(long[] axes, boolean keep) {
        var a = at(this);
        try (var none = new ScalarTypeOptional()) {
            return wrap(a.mean(axes, keep, none));
        }
    }

    /// Mean over one axis.
    default Tensor mean(long axis, boolean keep) {
        var a = at(this);
        try (var none = new ScalarTypeOptional()) {
            return wrap(a.mean(new long[] {axis}, keep, none));
        }
    }

    /// Product of all elements.
    default Tensor prod() {
        var a = at(this);
        return wrap(a.prod());
    }

    /// Product over one axis.
    default Tensor prod(long axis) {
        var a = at(this);
        return wrap(a.prod(axis));
    }

    /// Maximum of all elements.
    default Tensor max() {
        var a = at(this);
        return wrap(a.max());
    }

    /// Maximum over one axis with its positions (i64).
    default Indexed max(long axis, boolean keep) {
        var a = at(this);
        return Indexed.of(a.max(axis, keep));
    }

    /// Maximum over the axes.
    default Tensor amax(long[] axes, boolean keep) {
        var a = at(this);
        return wrap(a.amax(axes, keep));
    }

    /// Position of the maximum among all elements (I64).
    default Tensor argmax() {
        var a = at(this);
        return wrap(a.argmax());
    }

    /// Position of the maximum along an axis (I64).
    default Tensor argmax(long axis, boolean keep) {
        var a = at(this);
        try (var o = new LongOptional(axis)) {
            return wrap(a.argmax(o, keep));
        }
    }

    /// Minimum of all elements.
    default Tensor min() {
        var a = at(this);
        return wrap(a.min());
    }

    /// Minimum over one axis with its positions (i64).
    default Indexed min(long axis, boolean keep) {
        var a = at(this);
        return Indexed.of(a.min(axis, keep));
    }

    /// Minimum over the axes.
    default Tensor amin(long[] axes, boolean keep) {
        var a = at(this);
        return wrap(a.amin(axes, keep));
    }

    /// Position of the minimum among all elements (I64).
    default Tensor argmin() {
        var a = at(this);
        return wrap(a.argmin());
    }

    /// Position of the minimum along an axis (I64).
    default Tensor argmin(long axis, boolean keep) {
        var a = at(this);
        try (var o = new LongOptional(axis)) {
            return wrap(a.argmin(o, keep));
        }
    }

    /// Variance of all elements; `unbiased` divides by n - 1.
    default Tensor var(boolean unbiased) {
        var a = at(this);
        return wrap(a.var(unbiased));
    }

    /// Variance over axes; `unbiased` divides by n - 1.
    default Tensor var(long[] axes, boolean unbiased, boolean keep) {
        var a = at(this);
        return wrap(a.var(axes, unbiased, keep));
    }

    /// Standard deviation of all elements; `unbiased` divides by n - 1.
    default Tensor std(boolean unbiased) {
        var a = at(this);
        return wrap(a.std(unbiased));
    }

    /// Standard deviation over axes; `unbiased` divides by n - 1.
    default Tensor std(long[] axes, boolean unbiased, boolean keep) {
        var a = at(this);
        return wrap(a.std(axes, unbiased, keep));
    }

    /// Euclidean length of all elements.
    default Tensor norm() {
        var a = at(this);
        return wrap(a.norm());
    }

    /// p-norm over the axes.
    default Tensor norm(double p, long[] axes, boolean keep) {
        var a = at(this);
        try (var s = scalar(p);
                var o = new ScalarOptional(s)) {
            return wrap(a.norm(o, axes, keep));
        }
    }

    /// True if all are non-zero.
    default Tensor all() {
        var a = at(this);
        return wrap(a.all());
    }

    /// True if one is non-zero.
    default Tensor any() {
        var a = at(this);
        return wrap(a.any());
    }

    /// True where all along the axis are non-zero.
    default Tensor all(long axis, boolean keep) {
        var a = at(this);
        return wrap(a.all(axis, keep));
    }

    /// True where one along the axis is non-zero.
    default Tensor any(long axis, boolean keep) {
        var a = at(this);
        return wrap(a.any(axis, keep));
    }

    /// `log(sum(exp(x)))` over the axes without overflow.
    default Tensor logsumexp(long[] axes, boolean keep) {
        var a = at(this);
        return wrap(a.logsumexp(axes, keep));
    }

    /// Running sum along an axis.
    default Tensor cumsum(long axis) {
        var a = at(this);
        return wrap(a.cumsum(axis));
    }

    /// Running product along an axis.
    default Tensor cumprod(long axis) {
        var a = at(this);
        return wrap(a.cumprod(axis));
    }

    /// Exponentials along an axis, scaled to sum to 1.
    default Tensor softmax(long axis) {
        var a = at(this);
        return wrap(a.softmax(axis));
    }

    /// Logarithm of the softmax.
    default Tensor logSoftmax(long axis) {
        var a = at(this);
        return wrap(a.log_softmax(axis));
    }

    /// Largest (or smallest) `k` along an axis, in order.
    default Indexed topk(long k, long axis, boolean largest) {
        var a = at(this);
        return Indexed.of(a.topk(k, axis, largest, true));
    }

    /// Sorted along an axis with the positions they came from.
    default Indexed sort(long axis, boolean descending) {
        var a = at(this);
        return Indexed.of(a.sort(axis, descending));
    }

    /// Positions that would sort along an axis.
    default Tensor argsort(long axis, boolean descending) {
        var a = at(this);
        return wrap(a.argsort(axis, descending));
    }

    /// Middle value (the lower of two).
    default Tensor median() {
        var a = at(this);
        return wrap(a.median());
    }

    /// Value below which the fraction `q` of all elements lies.
    default Tensor quantile(double q) {
        var a = at(this);
        return wrap(a.quantile(q));
    }

    /// Number of non-zero elements.
    default Tensor countNonzero() {
        var a = at(this);
        return wrap(a.count_nonzero());
    }

    /// How often each small non-negative integer occurs.
    default Tensor bincount() {
        var a = at(this);
        return wrap(a.bincount());
    }
}
