package dev.orrery.tensor;

import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// Convolutions whose results can be relied on.
///
/// oneDNN as libtorch carries it (3.7.1) computes some convolutions wrongly on some processors,
/// seen on AMD's Zen 5, in AVX2 as in AVX-512: what they give, or their derivative by the image,
/// for numbers of channels that do not fill its blocks of 16, and for an odd number of blocks where
/// there is a stride. What comes out depends on what was in memory before, so that trying a shape
/// beforehand proves nothing. Kernels of one pixel, which [Product] is made of, were never wrong.
///
/// A processor is found out by shapes that are known to go wrong. There, only convolutions of whole
/// blocks are left to oneDNN; the others are computed in F64, which it does not know.
final class Convolution {

    /// A convolution of something with a weight and maybe a bias.
    @FunctionalInterface
    interface Kind {
        Tensor of(Tensor x, Tensor weight, @Nullable Tensor bias);
    }

    private static final long BLOCK = 16;

    private static final double FINE = 1e-3, FINE_BF16 = 5e-2;

    /// Whether this processor is one of those, by shapes that are known to go wrong.
    private static final class Known {
        static final boolean SOUND =
                isSound(2, 20, 8, 3, 1) && isSound(2, 3, 3, 3, 1) && isSound(2, 48, 16, 3, 2);

        private static boolean isSound(long batch, long in, long out, long kernel, long stride) {
            return Convolution.isSound(
                    (x, weight, bias) -> plain(x, weight, bias, stride),
                    new long[] {batch, in, 8, 8},
                    new long[] {out, in, kernel, kernel},
                    DType.F32);
        }

        private static Tensor plain(Tensor x, Tensor weight, @Nullable Tensor bias, long stride) {
            return Functional.plainConv2d(x, weight, bias, stride, 1, 1, 1);
        }
    }

    private Convolution() {}

    /// Whether oneDNN's convolutions are right on this processor.
    static boolean isSound() {
        return Known.SOUND;
    }

    /// What a convolution depends on besides its shapes.
    ///
    /// @param transposed whether its weight has the image's channels first
    /// @param strides how far apart its windows lie, each axis
    /// @param groups of channels
    record Form(boolean transposed, long groups, long... strides) {}

    /// The convolution, by oneDNN where that is right.
    static Tensor of(Kind kind, Tensor x, Tensor weight, @Nullable Tensor bias, Form form) {
        var dtype = x.dtype();
        boolean mayErr =
                (dtype == DType.F32 || dtype == DType.BF16)
                        && weight.dtype() == dtype
                        && weight.rank() > 2
                        && x.device().equals(Device.CPU)
                        && LongStream.of(weight.shape()).skip(2).anyMatch(side -> side > 1)
                        && !fillsBlocks(weight, form)
                        && !Known.SOUND;
        if (!mayErr) return kind.of(x, weight, bias);
        var wide = bias == null ? null : bias.to(DType.F64);
        return kind.of(x.to(DType.F64), weight.to(DType.F64), wide).to(dtype);
    }

    /// Whether both numbers of channels are of a kind that was never seen to go wrong.
    private static boolean fillsBlocks(Tensor weight, Form form) {
        long first = weight.size(0) / form.groups, second = weight.size(1);
        boolean whole = first % BLOCK == 0 && (second < BLOCK || second % BLOCK == 0);
        boolean strided = LongStream.of(form.strides).anyMatch(stride -> stride > 1);
        return whole && (!strided || isEven(first) && isEven(second));
    }

    /// One block or fewer, or an even number of them.
    private static boolean isEven(long channels) {
        return channels <= BLOCK || channels / BLOCK % 2 == 0;
    }

    /// Whether a convolution of random numbers of these shapes, and its derivatives, come out as in
    /// F64.
    static boolean isSound(Kind kind, long[] x, long[] weight, DType dtype) {
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
            Kind kind, long[] shape, long[] kernel, DType rounded, DType dtype) {
        var x = Seed.of(1).normal(shape).to(rounded).to(dtype).copy().requiresGrad_(true);
        var weight = Seed.of(2).normal(kernel).to(rounded).to(dtype).copy().requiresGrad_(true);
        var y = kind.of(x, weight, null);
        y.mul(Seed.of(3).normal(y.shape()).to(rounded).to(dtype)).sum().backward();
        return List.of(y.to(DType.F64), x.grad().to(DType.F64), weight.grad().to(DType.F64));
    }
}
