package dev.orrery.tensor;

import static dev.orrery.tensor.Natives.optional;
import static dev.orrery.tensor.Natives.tensor;
import static dev.orrery.tensor.Tensor.at;

import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// A convolution, or its transpose, over any number of axes, whose result can be relied on.
///
/// oneDNN as libtorch carries it (3.7.1) computes some convolutions wrongly on some processors,
/// seen on AMD's Zen 5, in AVX2 as in AVX-512: what they give, or their derivative by the image,
/// for numbers of channels that do not fill its blocks of 16, and for an odd number of blocks where
/// there is a stride. The same shape can come out right with one thread and wrong with two, so that
/// trying it beforehand proves nothing. Kernels of one pixel, which [Product] is made of, were
/// never wrong.
///
/// A processor is found out by shapes that are known to go wrong. There, only convolutions of whole
/// blocks are left to oneDNN; the others are computed in F64, which it does not know.
///
/// @param strides how far apart its windows lie, each axis
/// @param paddings zeros at either end of each axis
/// @param dilations how far apart a window's pixels lie, each axis
/// @param transposed whether its weight has the image's channels first
/// @param outputPaddings what a transposed one's output is longer by, each axis
/// @param groups of channels
record Convolution(
        long[] strides,
        long[] paddings,
        long[] dilations,
        boolean transposed,
        long[] outputPaddings,
        long groups) {

    private static final long BLOCK = 16;

    private static final double FINE = 1e-3, FINE_BF16 = 5e-2;

    /// Whether oneDNN's convolutions are right on this processor.
    private static final class Known {
        static final boolean SOUND = isSound(20, 8, 1) && isSound(3, 3, 1) && isSound(48, 16, 2);

        private static boolean isSound(long in, long out, long stride) {
            var one = new long[] {1, 1};
            var plain = of(new long[] {stride, stride}, one, one, 1);
            return Convolution.isSound(
                    (x, weight) -> plain.compute(x, weight, null),
                    new long[] {2, in, 8, 8},
                    new long[] {out, in, 3, 3},
                    DType.F32);
        }
    }

    static Convolution of(long[] strides, long[] paddings, long[] dilations, long groups) {
        var none = new long[strides.length];
        return new Convolution(strides, paddings, dilations, false, none, groups);
    }

    static Convolution transposed(
            long[] strides, long[] paddings, long[] outputPaddings, long groups) {
        var dense = strides.clone();
        Arrays.fill(dense, 1);
        return new Convolution(strides, paddings, dense, true, outputPaddings, groups);
    }

    /// Whether oneDNN's convolutions are right on this processor.
    static boolean isSound() {
        return Known.SOUND;
    }

    /// The convolution of `x (B, in, ...)` with a weight, by oneDNN where that is right.
    Tensor apply(Tensor x, Tensor weight, @Nullable Tensor bias) {
        if (Known.SOUND || !mayErr(x, weight)) return compute(x, weight, bias);
        var wide = bias == null ? null : bias.to(DType.F64);
        return compute(x.to(DType.F64), weight.to(DType.F64), wide).to(x.dtype());
    }

    private Tensor compute(Tensor x, Tensor weight, @Nullable Tensor bias) {
        try (var b = optional(bias)) {
            return tensor(() ->
                    torch.convolution(
                            at(x),
                            at(weight),
                            b,
                            strides,
                            paddings,
                            dilations,
                            transposed,
                            outputPaddings,
                            groups));
        }
    }

    private boolean mayErr(Tensor x, Tensor weight) {
        var dtype = x.dtype();
        return (dtype == DType.F32 || dtype == DType.BF16)
                && weight.dtype() == dtype
                && weight.rank() > 2
                && x.device().equals(Device.CPU)
                && LongStream.of(weight.shape()).skip(2).anyMatch(side -> side > 1)
                && !fillsBlocks(weight);
    }

    /// Whether both numbers of channels are of a kind that was never seen to go wrong.
    private boolean fillsBlocks(Tensor weight) {
        long first = weight.size(0) / groups, second = weight.size(1);
        boolean whole = first % BLOCK == 0 && (second < BLOCK || second % BLOCK == 0);
        boolean strided = LongStream.of(strides).anyMatch(stride -> stride > 1);
        return whole && (!strided || isEven(first) && isEven(second));
    }

    /// One block or fewer, or an even number of them.
    private static boolean isEven(long channels) {
        return channels <= BLOCK || channels / BLOCK % 2 == 0;
    }

    /// Whether a convolution of random numbers of these shapes, and its derivatives, come out as in
    /// F64.
    static boolean isSound(BinaryOperator<Tensor> kind, long[] x, long[] weight, DType dtype) {
        try (var _ = TensorScope.open();
                var _ = Grad.enabled()) {
            var found = tried(kind, x, weight, dtype, dtype);
            var wanted = tried(kind, x, weight, dtype, DType.F64);
            double most = dtype == DType.BF16 ? FINE_BF16 : FINE;
            for (int i = 0; i < found.size(); i++) {
                double size = Math.max(1e-6, largest(wanted.get(i)));
                // written so that what is not a number does not pass
                if (!(largest(found.get(i).sub(wanted.get(i))) <= most * size)) return false;
            }
            return true;
        }
    }

    private static double largest(Tensor x) {
        return x.numel() == 0 ? 0 : x.detach().abs().flatten().amax(new long[] {0}, false).item();
    }

    /// Output and both derivatives, of numbers that depend on the shapes alone.
    ///
    /// @param rounded to what they are rounded first
    private static List<Tensor> tried(
            BinaryOperator<Tensor> kind, long[] shape, long[] kernel, DType rounded, DType dtype) {
        var x = Seed.of(1).normal(shape).to(rounded).to(dtype).copy().requiresGrad_(true);
        var weight = Seed.of(2).normal(kernel).to(rounded).to(dtype).copy().requiresGrad_(true);
        var y = kind.apply(x, weight);
        y.mul(Seed.of(3).normal(y.shape()).to(rounded).to(dtype)).sum().backward();
        return List.of(y.to(DType.F64), x.grad().to(DType.F64), weight.grad().to(DType.F64));
    }
}
