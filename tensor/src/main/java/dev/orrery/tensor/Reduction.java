package dev.orrery.tensor;

import static dev.orrery.tensor.Natives.indexed;
import static dev.orrery.tensor.Natives.number;
import static dev.orrery.tensor.Natives.tensor;
import static dev.orrery.tensor.Tensor.at;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;

/// Sums, means, extremes and other reductions; `keep` leaves reduced axes at length 1.
public sealed interface Reduction permits Tensor {

    /// Sum of all elements.
    default Tensor sum() {
        return tensor(() -> at(this).sum());
    }

    /// Sum over the named axes, which disappear.
    default Tensor sum(long... axes) {
        return tensor(() -> at(this).sum(axes));
    }

    /// Sum over the named axes.
    default Tensor sum(long[] axes, boolean keep) {
        return tensor(new ScalarTypeOptional(), none -> at(this).sum(axes, keep, none));
    }

    /// Sum over one axis.
    default Tensor sum(long axis, boolean keep) {
        return tensor(
                new ScalarTypeOptional(), none -> at(this).sum(new long[] {axis}, keep, none));
    }

    /// Mean of all elements.
    default Tensor mean() {
        return tensor(() -> at(this).mean());
    }

    /// Mean over the named axes, which disappear.
    default Tensor mean(long... axes) {
        return tensor(() -> at(this).mean(axes));
    }

    /// Mean over the named axes.
    default Tensor mean(long[] axes, boolean keep) {
        return tensor(new ScalarTypeOptional(), none -> at(this).mean(axes, keep, none));
    }

    /// Mean over one axis.
    default Tensor mean(long axis, boolean keep) {
        return tensor(
                new ScalarTypeOptional(), none -> at(this).mean(new long[] {axis}, keep, none));
    }

    /// Product of all elements.
    default Tensor prod() {
        return tensor(() -> at(this).prod());
    }

    /// Product over one axis.
    default Tensor prod(long axis) {
        return tensor(() -> at(this).prod(axis));
    }

    /// Maximum of all elements.
    default Tensor max() {
        return tensor(() -> at(this).max());
    }

    /// Maximum over one axis with its positions (i64).
    default Indexed max(long axis, boolean keep) {
        return indexed(() -> at(this).max(axis, keep));
    }

    /// Maximum over the axes.
    default Tensor amax(long[] axes, boolean keep) {
        return tensor(() -> at(this).amax(axes, keep));
    }

    /// Position of the maximum among all elements (I64).
    default Tensor argmax() {
        return tensor(() -> at(this).argmax());
    }

    /// Position of the maximum along an axis (I64).
    default Tensor argmax(long axis, boolean keep) {
        return tensor(new LongOptional(axis), o -> at(this).argmax(o, keep));
    }

    /// Minimum of all elements.
    default Tensor min() {
        return tensor(() -> at(this).min());
    }

    /// Minimum over one axis with its positions (i64).
    default Indexed min(long axis, boolean keep) {
        return indexed(() -> at(this).min(axis, keep));
    }

    /// Minimum over the axes.
    default Tensor amin(long[] axes, boolean keep) {
        return tensor(() -> at(this).amin(axes, keep));
    }

    /// Position of the minimum among all elements (I64).
    default Tensor argmin() {
        return tensor(() -> at(this).argmin());
    }

    /// Position of the minimum along an axis (I64).
    default Tensor argmin(long axis, boolean keep) {
        return tensor(new LongOptional(axis), o -> at(this).argmin(o, keep));
    }

    /// Variance of all elements; `unbiased` divides by n - 1.
    default Tensor var(boolean unbiased) {
        return tensor(() -> at(this).var(unbiased));
    }

    /// Variance over axes; `unbiased` divides by n - 1.
    default Tensor var(long[] axes, boolean unbiased, boolean keep) {
        return tensor(() -> at(this).var(axes, unbiased, keep));
    }

    /// Standard deviation of all elements; `unbiased` divides by n - 1.
    default Tensor std(boolean unbiased) {
        return tensor(() -> at(this).std(unbiased));
    }

    /// Standard deviation over axes; `unbiased` divides by n - 1.
    default Tensor std(long[] axes, boolean unbiased, boolean keep) {
        return tensor(() -> at(this).std(axes, unbiased, keep));
    }

    /// Euclidean length of all elements.
    default Tensor norm() {
        return tensor(() -> at(this).norm());
    }

    /// p-norm over the axes.
    default Tensor norm(double p, long[] axes, boolean keep) {
        return tensor(() -> {
            try (var s = number(p);
                    var o = new ScalarOptional(s)) {
                return at(this).norm(o, axes, keep);
            }
        });
    }

    /// True if all are non-zero.
    default Tensor all() {
        return tensor(() -> at(this).all());
    }

    /// True if one is non-zero.
    default Tensor any() {
        return tensor(() -> at(this).any());
    }

    /// True where all along the axis are non-zero.
    default Tensor all(long axis, boolean keep) {
        return tensor(() -> at(this).all(axis, keep));
    }

    /// True where one along the axis is non-zero.
    default Tensor any(long axis, boolean keep) {
        return tensor(() -> at(this).any(axis, keep));
    }

    /// `log(sum(exp(x)))` over the axes without overflow.
    default Tensor logsumexp(long[] axes, boolean keep) {
        return tensor(() -> at(this).logsumexp(axes, keep));
    }

    /// Running sum along an axis.
    default Tensor cumsum(long axis) {
        return tensor(() -> at(this).cumsum(axis));
    }

    /// Running product along an axis.
    default Tensor cumprod(long axis) {
        return tensor(() -> at(this).cumprod(axis));
    }

    /// Exponentials along an axis, scaled to sum to 1.
    default Tensor softmax(long axis) {
        return tensor(() -> at(this).softmax(axis));
    }

    /// Logarithm of the softmax.
    default Tensor logSoftmax(long axis) {
        return tensor(() -> at(this).log_softmax(axis));
    }

    /// Largest (or smallest) `k` along an axis, in order.
    default Indexed topk(long k, long axis, boolean largest) {
        return indexed(() -> at(this).topk(k, axis, largest, true));
    }

    /// Sorted along an axis with the positions they came from.
    default Indexed sort(long axis, boolean descending) {
        return indexed(() -> at(this).sort(axis, descending));
    }

    /// Positions that would sort along an axis.
    default Tensor argsort(long axis, boolean descending) {
        return tensor(() -> at(this).argsort(axis, descending));
    }

    /// Middle value (the lower of two).
    default Tensor median() {
        return tensor(() -> at(this).median());
    }

    /// Value below which the fraction `q` of all elements lies.
    default Tensor quantile(double q) {
        return tensor(() -> at(this).quantile(q));
    }

    /// Number of non-zero elements.
    default Tensor countNonzero() {
        return tensor(() -> at(this).count_nonzero());
    }

    /// How often each small non-negative integer occurs.
    default Tensor bincount() {
        return tensor(() -> at(this).bincount());
    }
}
