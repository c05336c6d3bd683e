package dev.orrery.worldmodel;

import dev.orrery.tensor.Dispatcher;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.Arrays;

/// Regression as classification over N bins: a number is the weighted sum of its two neighbouring
/// bins, and a distribution over the bins stands for its mean.
///
/// Bins are exact mirror images around zero and means are summed from the outside in, so that a
/// head whose logits are all equal predicts exactly 0.
///
/// Source: arXiv:2301.04104.
public final class TwoHot {

    private final int count;
    private final boolean logarithmic;
    private final Tensor bins, inner;

    private TwoHot(float[] bins, boolean logarithmic) {
        if (bins.length < 3 || bins.length % 2 == 0)
            throw new IllegalArgumentException(
                    "two-hot with %d bins; use an odd number from 3 up".formatted(bins.length));
        count = bins.length;
        this.logarithmic = logarithmic;
        this.bins = TensorScope.release(Tensor.of(bins, bins.length));
        var between = Arrays.copyOfRange(bins, 1, bins.length - 1);
        inner = TensorScope.release(Tensor.of(between, between.length));
    }

    /// Bins evenly apart between ±20 after [Symlog#symlog]; numbers are split there and the mean is
    /// taken there (2023).
    public static TwoHot ofSymlog(int count) {
        return new TwoHot(spread(count, false), true);
    }

    /// Bins at the [Symlog#symexp] of numbers evenly apart between ±20; numbers are split and
    /// averaged as they are (2024).
    public static TwoHot ofSymexp(int count) {
        return new TwoHot(spread(count, true), false);
    }

    /// The bins of a form, 255 of them.
    public static TwoHot of(Form form) {
        return form == Form.V2023 ? ofSymlog(255) : ofSymexp(255);
    }

    private static float[] spread(int count, boolean exponential) {
        var bins = new float[count];
        int middle = count / 2;
        for (int i = 1; i <= middle; i++) {
            double at = 20.0 * i / middle;
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
        double end = bins.select(0, count - 1).item();
        var x = (logarithmic ? Symlog.symlog(numbers) : numbers).clamp(-end, end).contiguous();
        var below = Dispatcher.call("aten::searchsorted.Tensor", inner, x, false, true).tensor(0);
        var low = bins.indexSelect(0, below.flatten()).reshape(x.shape());
        var high = bins.indexSelect(0, below.add(1L).flatten()).reshape(x.shape());
        var share = x.sub(low).div(high.sub(low));
        var log = logits.logSoftmax(-1);
        var index = below.unsqueeze(-1);
        var atLow = log.gather(-1, index).squeeze(-1);
        var atHigh = log.gather(-1, index.add(1L)).squeeze(-1);
        return atLow.lerp(atHigh, share).neg();
    }

    /// The mean `(...)` of the distributions with logits `(..., N)`.
    public Tensor mean(Tensor logits) {
        var weighted = logits.softmax(-1).mul(bins);
        int middle = count / 2;
        var mirrored =
                weighted.narrow(-1, 0, middle)
                        .flip(-1)
                        .add(weighted.narrow(-1, middle + 1L, middle));
        var mean = mirrored.sum(-1, false);
        return logarithmic ? Symlog.symexp(mean) : mean;
    }
}
