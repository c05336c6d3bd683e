package dev.orrery.tensor;

import static dev.orrery.tensor.Natives.optional;
import static dev.orrery.tensor.Natives.tensor;
import static dev.orrery.tensor.Tensor.at;

import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// The functions that layers are made of; those with parameters take them as arguments.
public final class Functional {

    private static final long MEAN = 1;

    private Functional() {}

    /// `x weightT + bias`: `(..., in) -> (..., out)` with weight `(out, in)`.
    public static Tensor linear(Tensor x, Tensor weight, @Nullable Tensor bias) {
        return Product.linear(x, weight, bias);
    }

    /// Rows of `weight (V, D)` at the ids: `(...) -> (..., D)`.
    public static Tensor embedding(Tensor ids, Tensor weight) {
        return tensor(() -> torch.embedding(at(weight), at(ids)));
    }

    /// As [#embedding(Tensor, Tensor)], where the row `padding` takes no gradient.
    public static Tensor embedding(Tensor ids, Tensor weight, long padding) {
        return tensor(() -> torch.embedding(at(weight), at(ids), padding, false, false));
    }

    /// Zero mean and unit variance over the last axes, then scale and shift.
    public static Tensor layerNorm(
            Tensor x,
            long[] shape,
            @Nullable Tensor weight,
            @Nullable Tensor bias,
            double epsilon) {
        try (var w = optional(weight);
                var b = optional(bias)) {
            return tensor(() -> torch.layer_norm(at(x), shape, w, b, epsilon, false));
        }
    }

    /// Unit root mean square over the last axes, then scale.
    public static Tensor rmsNorm(Tensor x, long[] shape, @Nullable Tensor weight, double epsilon) {
        try (var w = optional(weight);
                var e = new DoubleOptional(epsilon)) {
            return tensor(() -> torch.rms_norm(at(x), shape, w, e));
        }
    }

    /// Zero mean and unit variance over groups of channels of `(B, C, ...)`.
    public static Tensor groupNorm(
            Tensor x, long groups, @Nullable Tensor weight, @Nullable Tensor bias, double epsilon) {
        try (var w = optional(weight);
                var b = optional(bias)) {
            return tensor(() -> torch.group_norm(at(x), groups, w, b, epsilon, false));
        }
    }

    /// Attention `(B, N, L, D)` of queries to keys and values, scaled by `1 / sqrt(D)`.
    public static Tensor scaledDotProductAttention(Tensor query, Tensor key, Tensor value) {
        return tensor(() -> torch.scaled_dot_product_attention(at(query), at(key), at(value)));
    }

    /// Attention `(B, N, L, D)` of queries to keys and values.
    ///
    /// @param mask true (or 0) where attention is allowed, false (or -inf) where not, or null
    /// @param causal position i sees keys 0 to i; not together with a mask
    /// @param scale factor of the scores, or NaN for `1 / sqrt(D)`
    /// @param groupedHeads keys and values may have fewer heads, each shared by a group of queries
    public static Tensor scaledDotProductAttention(
            Tensor query,
            Tensor key,
            Tensor value,
            @Nullable Tensor mask,
            boolean causal,
            double scale,
            boolean groupedHeads) {
        try (var m = optional(mask);
                var s = Double.isNaN(scale) ? new DoubleOptional() : new DoubleOptional(scale)) {
            return tensor(() ->
                    torch.scaled_dot_product_attention(
                            at(query), at(key), at(value), m, 0, causal, s, groupedHeads));
        }
    }

    /// Neighbouring pairs of channels `(..., D)`, each turned by an angle in one complex product.
    ///
    /// @param turns cosines and sines `(..., D / 2, 2)`, broadcast over the other axes
    public static Tensor rotatePairs(Tensor x, Tensor turns) {
        return tensor(() -> {
            try (var pairs = at(x).unflatten(-1, -1, 2);
                    var numbers = torch.view_as_complex(pairs);
                    var by = torch.view_as_complex(at(turns));
                    var turned = numbers.mul(by);
                    var halves = torch.view_as_real(turned)) {
                return halves.flatten(-2, -1);
            }
        });
    }

    /// Mean of `-log softmax(logits)[target]`; logits `(B, V, ...)`, targets I64 `(B, ...)`.
    public static Tensor crossEntropy(Tensor logits, Tensor target) {
        return tensor(() -> torch.cross_entropy_loss(at(logits), at(target)));
    }

    /// As [#crossEntropy(Tensor, Tensor)], leaving out targets equal to `ignore`, with smoothing 0
    /// to 1.
    public static Tensor crossEntropy(Tensor logits, Tensor target, long ignore, double smoothing) {
        try (var none = optional(null)) {
            return tensor(() ->
                    torch.cross_entropy_loss(
                            at(logits), at(target), none, MEAN, ignore, smoothing));
        }
    }

    /// As [#crossEntropy(Tensor, Tensor)] without taking the mean: one loss for each target.
    public static Tensor crossEntropyEach(Tensor logits, Tensor target) {
        try (var none = optional(null)) {
            return tensor(() -> torch.cross_entropy_loss(at(logits), at(target), none, 0, -100, 0));
        }
    }

    /// Mean of squared differences.
    public static Tensor mseLoss(Tensor x, Tensor target) {
        return tensor(() -> torch.mse_loss(at(x), at(target)));
    }

    /// Mean absolute difference.
    public static Tensor l1Loss(Tensor x, Tensor target) {
        return tensor(() -> torch.l1_loss(at(x), at(target)));
    }

    /// Squared below `beta`, absolute above; the mean.
    public static Tensor smoothL1Loss(Tensor x, Tensor target, double beta) {
        return tensor(() -> torch.smooth_l1_loss(at(x), at(target), MEAN, beta));
    }

    /// Mean binary cross entropy of logits and targets in 0..1.
    public static Tensor binaryCrossEntropyWithLogits(Tensor logits, Tensor target) {
        return tensor(() -> torch.binary_cross_entropy_with_logits(at(logits), at(target)));
    }

    /// Gaussian error unit, exact.
    public static Tensor gelu(Tensor x) {
        return tensor(() -> torch.gelu(at(x)));
    }

    /// Gaussian error unit by the tanh formula.
    public static Tensor geluTanh(Tensor x) {
        return tensor(() -> torch.gelu(at(x), "tanh"));
    }

    /// `x sigmoid(x)`.
    public static Tensor silu(Tensor x) {
        return tensor(() -> torch.silu(at(x)));
    }

    /// The positive part.
    public static Tensor relu(Tensor x) {
        return tensor(() -> torch.relu(at(x)));
    }

    /// `x` where positive, else `slope x`.
    public static Tensor leakyRelu(Tensor x, double slope) {
        try (var s = Natives.number(slope)) {
            return tensor(() -> torch.leaky_relu(at(x), s));
        }
    }

    /// `x` where positive, else `exp(x) - 1`.
    public static Tensor elu(Tensor x) {
        return tensor(() -> torch.elu(at(x)));
    }

    /// `log(1 + exp(x))`.
    public static Tensor softplus(Tensor x) {
        return tensor(() -> torch.softplus(at(x)));
    }

    /// `x tanh(softplus(x))`.
    public static Tensor mish(Tensor x) {
        return tensor(() -> torch.mish(at(x)));
    }

    /// Exponentials along an axis, scaled to sum to 1.
    public static Tensor softmax(Tensor x, long axis) {
        return x.softmax(axis);
    }

    /// Logarithm of the softmax.
    public static Tensor logSoftmax(Tensor x, long axis) {
        return x.logSoftmax(axis);
    }

    /// Zeroes each element with the probability and scales the rest to keep the mean.
    public static Tensor dropout(Tensor x, double probability, Seed seed) {
        if (probability < 0 || probability >= 1) {
            throw new IllegalArgumentException(
                    "dropout probability %s is not in [0, 1)".formatted(probability));
        }
        if (probability == 0) return x;
        var keep = seed.uniform(x.shape()).to(x.device()).ge(probability).to(x.dtype());
        return x.mul(keep).mul(1 / (1 - probability));
    }

    /// Convolution of `(B, in, L)` with weight `(out, in / groups, K)`.
    public static Tensor conv1d(
            Tensor x,
            Tensor weight,
            @Nullable Tensor bias,
            long stride,
            long padding,
            long dilation,
            long groups) {
        return Convolution.of(times(1, stride), times(1, padding), times(1, dilation), groups)
                .apply(x, weight, bias);
    }

    /// Convolution of `(B, in, H, W)` with weight `(out, in / groups, KH, KW)`.
    public static Tensor conv2d(
            Tensor x,
            Tensor weight,
            @Nullable Tensor bias,
            long stride,
            long padding,
            long dilation,
            long groups) {
        return Convolution.of(times(2, stride), times(2, padding), times(2, dilation), groups)
                .apply(x, weight, bias);
    }

    /// Convolution of `(B, in, T, H, W)` with weight `(out, in / groups, KT, KH, KW)`.
    public static Tensor conv3d(
            Tensor x,
            Tensor weight,
            @Nullable Tensor bias,
            long[] stride,
            long[] padding,
            long[] dilation,
            long groups) {
        return Convolution.of(stride, padding, dilation, groups).apply(x, weight, bias);
    }

    /// Transposed convolution of `(B, in, L)` with weight `(in, out / groups, K)`.
    public static Tensor convTranspose1d(
            Tensor x,
            Tensor weight,
            @Nullable Tensor bias,
            long stride,
            long padding,
            long outputPadding,
            long groups) {
        return Convolution.transposed(
                        times(1, stride), times(1, padding), times(1, outputPadding), groups)
                .apply(x, weight, bias);
    }

    /// Transposed convolution of `(B, in, H, W)` with weight `(in, out / groups, KH, KW)`.
    public static Tensor convTranspose2d(
            Tensor x,
            Tensor weight,
            @Nullable Tensor bias,
            long stride,
            long padding,
            long outputPadding,
            long groups) {
        return Convolution.transposed(
                        times(2, stride), times(2, padding), times(2, outputPadding), groups)
                .apply(x, weight, bias);
    }

    /// Transposed convolution of `(B, in, T, H, W)` with weight `(in, out / groups, KT, KH, KW)`.
    public static Tensor convTranspose3d(
            Tensor x,
            Tensor weight,
            @Nullable Tensor bias,
            long stride,
            long padding,
            long outputPadding,
            long groups) {
        return Convolution.transposed(
                        times(3, stride), times(3, padding), times(3, outputPadding), groups)
                .apply(x, weight, bias);
    }

    /// Largest value in each square window of `(B, C, H, W)`.
    public static Tensor maxPool2d(Tensor x, long window, long stride) {
        return tensor(() ->
                torch.max_pool2d(
                        at(x),
                        times(2, window),
                        times(2, stride),
                        times(2, 0),
                        times(2, 1),
                        false));
    }

    /// Mean of each square window of `(B, C, H, W)`.
    public static Tensor avgPool2d(Tensor x, long window, long stride) {
        try (var none = new LongOptional()) {
            return tensor(() ->
                    torch.avg_pool2d(
                            at(x),
                            times(2, window),
                            times(2, stride),
                            times(2, 0),
                            false,
                            true,
                            none));
        }
    }

    /// Means over a grid of `height x width` windows of `(B, C, H, W)`.
    public static Tensor adaptiveAvgPool2d(Tensor x, long height, long width) {
        return tensor(() -> torch.adaptive_avg_pool2d(at(x), height, width));
    }

    /// `(B, C, H, W)` at another size, each pixel from its nearest neighbour.
    public static Tensor interpolateNearest(Tensor x, long height, long width) {
        try (var a = new DoubleOptional();
                var b = new DoubleOptional()) {
            return tensor(() -> torch.upsample_nearest2d(at(x), new long[] {height, width}, a, b));
        }
    }

    /// `(B, C, H, W)` at another size, each pixel between its four neighbours; corners not aligned.
    public static Tensor interpolateBilinear(Tensor x, long height, long width) {
        try (var a = new DoubleOptional();
                var b = new DoubleOptional()) {
            return tensor(() ->
                    torch.upsample_bilinear2d(at(x), new long[] {height, width}, false, a, b));
        }
    }

    /// As [#interpolateBilinear], the kernel widening when the picture shrinks.
    public static Tensor interpolateBilinearSmooth(Tensor x, long height, long width) {
        return Dispatcher.call(
                        "aten::_upsample_bilinear2d_aa",
                        x,
                        new long[] {height, width},
                        false,
                        Optional.empty(),
                        Optional.empty())
                .tensor(0);
    }

    /// `(B, C, H, W)` at another size by cubic splines (a = -0.75); corners not aligned.
    ///
    /// @param antialiased whether the kernel widens when the picture shrinks (then a = -0.5)
    public static Tensor interpolateBicubic(
            Tensor x, long height, long width, boolean antialiased) {
        var name = antialiased ? "aten::_upsample_bicubic2d_aa" : "aten::upsample_bicubic2d";
        return Dispatcher.call(
                        name,
                        x,
                        new long[] {height, width},
                        false,
                        Optional.empty(),
                        Optional.empty())
                .tensor(0);
    }

    /// As above without antialiasing, at scales that need not be the quotient of the sizes.
    ///
    /// @param scaleHigh rows of the result for a row of `x`
    /// @param scaleWide columns of the result for a column of `x`
    public static Tensor interpolateBicubic(
            Tensor x, long height, long width, double scaleHigh, double scaleWide) {
        return Dispatcher.call(
                        "aten::upsample_bicubic2d",
                        x,
                        new long[] {height, width},
                        false,
                        scaleHigh,
                        scaleWide)
                .tensor(0);
    }

    /// A copy with constant borders; amounts are (before, after) pairs from the last axis
    /// backwards.
    public static Tensor pad(Tensor x, long[] amounts, double value) {
        try (var v = new DoubleOptional(value)) {
            return tensor(() -> torch.pad(at(x), amounts, "constant", v));
        }
    }

    /// A copy with borders by `reflect`, `replicate` or `circular` continuation.
    public static Tensor pad(Tensor x, long[] amounts, String mode) {
        try (var v = new DoubleOptional()) {
            return tensor(() -> torch.pad(at(x), amounts, mode, v));
        }
    }

    /// Sliding square windows of `(B, C, H, W)` as columns `(B, C K K, windows)`.
    public static Tensor unfold(Tensor x, long window, long stride, long padding) {
        return tensor(() ->
                torch.im2col(
                        at(x), times(2, window), times(2, 1), times(2, padding), times(2, stride)));
    }

    /// Columns of windows summed back to `(B, C, H, W)`.
    public static Tensor fold(
            Tensor x, long height, long width, long window, long stride, long padding) {
        return tensor(() ->
                torch.col2im(
                        at(x),
                        new long[] {height, width},
                        times(2, window),
                        times(2, 1),
                        times(2, padding),
                        times(2, stride)));
    }

    /// I64 ids as rows of zeros with a single one: `(...) -> (..., classes)`.
    public static Tensor oneHot(Tensor ids, long classes) {
        return tensor(() -> torch.one_hot(at(ids), classes));
    }

    /// Each vector along the axis divided by its length, or by `1e-12` if that is more.
    public static Tensor normalize(Tensor x, long axis) {
        return x.div(x.norm(2, new long[] {axis}, true).clampMin(1e-12));
    }

    /// `(B, C r r, H, W) -> (B, C, H r, W r)`.
    public static Tensor pixelShuffle(Tensor x, long factor) {
        return tensor(() -> torch.pixel_shuffle(at(x), factor));
    }

    /// One step of a gated recurrent unit: input `(B, I)`, state `(B, H)`, PyTorch's weight order
    /// r, z, n.
    public static Tensor gruCell(
            Tensor x,
            Tensor state,
            Tensor inputWeight,
            Tensor stateWeight,
            Tensor inputBias,
            Tensor stateBias) {
        try (var i = optional(inputBias);
                var s = optional(stateBias)) {
            return tensor(
                    () -> torch.gru_cell(at(x), at(state), at(inputWeight), at(stateWeight), i, s));
        }
    }

    private static long[] times(int count, long value) {
        var array = new long[count];
        Arrays.fill(array, value);
        return array;
    }
}
