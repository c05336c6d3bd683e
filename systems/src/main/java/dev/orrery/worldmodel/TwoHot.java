package dev.orrery.worldmodel;

import dev.orrery.tensor.Dispatcher;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;

/// Regression as classification over N bins: a number is the weighted sum of its two neighbouring
/// bins, and a distribution over the bins stands for its mean.
///
/// Bins are exact mirror images around zero and means are sums of what each bin has more than its
/// mirror image, so that a head whose logits are all equal predicts exactly 0.
///
/// Source: arXiv:2301.04104.
public final class TwoHot {

    private final int count;
    private final boolean logarithmic;
    private final Tensor bins, inner, positive;

    private TwoHot(float[] bins, boolean logarithmic) {
        if (bins.length < 3 || bins.length % 2 == 0)
            throw new IllegalArgumentException(
                    "two-hot with %d bins; use an odd number from 3 up".formatted(bins.length));
        count = bins.length;
        this.logarithmic = logarithmic;
        this.bins = TensorScope.release(Tensor.of(bins, bins.length));
        var between = Arrays.copyOfRange(bins, 1, bins.length - 1);
        inner = TensorScope.release(Tensor.of(between, between.length));
        var above = Arrays.copyOfRange(bins, bins.length / 2 + 1, bins.length);
        positive = TensorScope.release(Tensor.of(above, above.length));
    }

    /// Bins evenly apart between ±`end` after [Symlog#symlog], otherwise as [#ofSymlog(int)].
    public static TwoHot ofSymlog(int count, double end) {
        return new TwoHot(spread(count, end, false), true);
    }

    /// Bins evenly apart between ±20 after [Symlog#symlog]; numbers are split there and the mean is
    /// taken there (2023).
    public static TwoHot ofSymlog(int count) {
        return ofSymlog(count, 20);
    }

    /// Bins at the [Symlog#symexp] of numbers evenly apart between ±20; numbers are split and
    /// averaged as they are (2024).
    public static TwoHot ofSymexp(int count) {
        return new TwoHot(spread(count, 20, true), false);
    }

    /// The bins of a form, 255 of them.
    public static TwoHot of(Form form) {
        return form == Form.V2023 ? ofSymlog(255) : ofSymexp(255);
    }

    private static float[] spread(int count, double end, boolean exponential) {
        var bins = new float[count];
        int middle = count / 2;
        for (int i = 1; i <= middle; i++) {
            double at = end * i / middle;
            bins[middle + i] = (float) (exponential ? Symlog.symexp(at) : at);
            bins[middle - i] = -bins[middle + i];
        }
        return bins;
    }

    /// The number of bins N.
    public int count() {
        return count;
    }

    /// Cross-entropy of logits `(..., N)` to numbers `(...)`, an element each.
    public Tensor loss(Tensor logits, Tensor numbers) {
        return target(numbers).crossEntropy(logits);
    }

    /// As [#loss(Tensor, Tensor)] for two targets at once, the second's loss times `weight`.
    public Tensor loss(Tensor logits, Tensor numbers, Tensor others, double weight) {
        return target(numbers).and(target(others), weight).crossEntropy(logits);
    }

    /// What is asked of some bins of each distribution.
    ///
    /// @param bins which ones, I64 `(..., n)`
    /// @param weights how much of each `(..., n)`
    private record Target(Tensor bins, Tensor weights) {

        Target and(Target other, double weight) {
            return new Target(
                    Tensor.cat(List.of(bins, other.bins), -1),
                    Tensor.cat(List.of(weights, other.weights.mul(weight)), -1));
        }

        Tensor crossEntropy(Tensor logits) {
            return logits.logSoftmax(-1).gather(-1, bins).mul(weights).sum(-1, false).neg();
        }
    }

    private Target target(Tensor numbers) {
        double end = bins.select(0, count - 1).item();
        var x = (logarithmic ? Symlog.symlog(numbers) : numbers).clamp(-end, end).contiguous();
        var below = Dispatcher.call("aten::searchsorted.Tensor", inner, x, false, true).tensor(0);
        var low = bins.indexSelect(0, below.flatten()).reshape(x.shape());
        var high = bins.indexSelect(0, below.add(1L).flatten()).reshape(x.shape());
        var share = x.sub(low).div(high.sub(low));
        return new Target(
                Tensor.stack(List.of(below, below.add(1L)), -1),
                Tensor.stack(List.of(share.mul(-1.0).add(1.0), share), -1));
    }

    /// The mean `(...)` of the distributions with logits `(..., N)`.
    public Tensor mean(Tensor logits) {
        var p = logits.softmax(-1);
        int middle = count / 2;
        var excess = p.narrow(-1, middle + 1L, middle).sub(p.narrow(-1, 0, middle).flip(-1));
        var mean = excess.matmul(positive);
        return logarithmic ? Symlog.symexp(mean) : mean;
    }
}
