package dev.orrery.tensor;

import static dev.orrery.tensor.Natives.optional;
import static dev.orrery.tensor.Natives.tensor;
import static dev.orrery.tensor.Tensor.at;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// Matrix products, each by the library that is the quickest at its sizes.
///
/// libtorch hands F32 products to OpenBLAS, which runs on one thread here (see [Engine]) and may
/// have been told by its environment to use narrower kernels than the processor's. Large ones are
/// convolutions of one pixel instead, which oneDNN computes with the widest instructions of the
/// processor and shares out over OpenMP's threads: a row-major matrix `(N M, in)` is at the same
/// time N images `(in, M, 1)` with their channels last, so that the convolution and its derivative
/// read and write the same memory.
///
/// A library that packs the weight before it multiplies reads and writes it once more. That does
/// not matter to many rows, and is most of the time for a few: then the weight is the image, read
/// as it lies, and the rows are the kernel, and the result is turned over.
final class Product {

    /// How `x (..., in)` meets `weight (out, in)`.
    private enum Way {
        /// As libtorch does it.
        PLAIN,
        /// Rows as images.
        SHARED,
        /// The weight's rows as images.
        TURNED,
        /// One row as a vector.
        ROW,
        /// One row by oneDNN, which reads the weight with all threads; it has no derivative.
        STREAMED,
        /// In F32, where bf16 is only emulated; without a derivative.
        WIDENED
    }

    /// Rows and multiplications below which sharing out costs more than it gains.
    private static final long ROWS = 64;

    private static final long MULTIPLICATIONS = 1L << 22;

    /// Numbers of a weight from which a single row goes another way; smaller ones are quick either
    /// way.
    private static final long ROW_NUMBERS = 1L << 20;

    /// Numbers of a weight from which packing it is what a few rows wait for, and multiplications;
    /// with derivatives it takes twice as many.
    private static final long TURNED_NUMBERS = 1L << 18, TURNED_MULTIPLICATIONS = 1L << 21;

    /// How many times as many numbers the weight must have as what is turned over instead of it.
    private static final long TURNED_GAIN = 2;

    /// Rows from which bf16 is widened where it is emulated, and numbers widened at a time: they
    /// stay in the cache.
    private static final long WIDENED_ROWS = 4, WIDENED = 1L << 20;

    /// libtorch convolves with oneDNN on one thread only if there are so many images.
    private static final long IMAGES = 16;

    /// Rows and multiplications from which oneDNN is quicker on one thread of AVX-512 even where
    /// OpenBLAS's kernels are as wide: its derivatives of tall products are. On AVX2 its
    /// derivatives take twice as long as OpenBLAS's.
    private static final long TALL_ROWS = 2048, TALL_MULTIPLICATIONS = 1L << 26;

    private static final long[] ONE = {1, 1}, ZERO = {0, 0};

    private static final boolean ONEDNN = torch.hasMKLDNN();

    private static final Processor PROCESSOR = Processor.current();

    /// With kernels as wide as the processor OpenBLAS is at least as quick on one thread, but for
    /// tall products on AVX-512.
    private static final boolean NARROW = OpenBlas.current().isNarrow(PROCESSOR);

    private static final boolean AVX512 = PROCESSOR.widest().equals("AVX-512");

    /// oneDNN's bf16 needs AVX-512; libtorch emulates it on narrower processors of that family.
    private static final boolean BF16 = ONEDNN && AVX512;

    private static final boolean BF16_EMULATED = PROCESSOR.widest().equals("AVX2");

    private static final class Streamed {
        static final Operator LINEAR = Dispatcher.operator("mkldnn::_linear_pointwise");
    }

    private Product() {}

    /// `x (..., in)` times the transpose of `weight (out, in)`, plus `bias (out)`.
    static Tensor linear(Tensor x, Tensor weight, @Nullable Tensor bias) {
        return switch (way(x, weight, bias)) {
            case STREAMED ->
                    Streamed.LINEAR
                            .call(x, weight, Optional.ofNullable(bias), "none", List.of(), "")
                            .tensor(0);
            case WIDENED -> widened(x, weight, bias);
            case ROW -> tensor(() -> row(at(x), at(weight), bias));
            case TURNED -> tensor(() -> turned(at(x), at(weight), bias));
            case SHARED -> tensor(optional(bias), b -> shared(at(x), at(weight), b));
            case PLAIN -> tensor(optional(bias), b -> torch.linear(at(x), at(weight), b));
        };
    }

    private static Way way(Tensor facade, Tensor other, @Nullable Tensor bias) {
        var x = at(facade);
        var weight = at(other);
        try {
            if (weight.dim() != 2) return Way.PLAIN;
            long in = weight.size(1), out = weight.size(0), numbers = in * out;
            if (numbers < TURNED_NUMBERS && x.numel() * out < MULTIPLICATIONS) return Way.PLAIN;
            int type = weight.scalar_type().value;
            if (x.dim() == 0
                    || x.scalar_type().value != type
                    || x.size(x.dim() - 1) != in
                    || !x.is_cpu()
                    || !weight.is_cpu()
                    || torch.is_autocast_enabled(torch.DeviceType.CPU)) {
                return Way.PLAIN;
            }
            long rows = x.numel() / Math.max(1, in);
            if (type == ScalarType.BFloat16.value) {
                return isFrozen(facade, other, bias) ? rounded(rows, numbers) : Way.PLAIN;
            }
            if (type != ScalarType.Float.value) return Way.PLAIN;
            if (rows == 1 && numbers >= ROW_NUMBERS) {
                return ONEDNN && isFrozen(facade, other, bias) ? Way.STREAMED : Way.ROW;
            }
            if (isTurned(rows, in, out)
                    && (numbers >= 2 * TURNED_NUMBERS || isFrozen(facade, other, bias))) {
                return Way.TURNED;
            }
            return x.dim() > 1 && isShared(rows, in, out) ? Way.SHARED : Way.PLAIN;
        } finally {
            Reference.reachabilityFence(facade);
            Reference.reachabilityFence(other);
        }
    }

    /// Whether nothing asks for the product's derivative.
    private static boolean isFrozen(Tensor x, Tensor weight, @Nullable Tensor bias) {
        return !Grad.isEnabled()
                || !x.requiresGrad()
                        && !weight.requiresGrad()
                        && (bias == null || !bias.requiresGrad());
    }

    private static Way rounded(long rows, long numbers) {
        if (rows == 1 && numbers >= ROW_NUMBERS && BF16) return Way.STREAMED;
        boolean slow = BF16_EMULATED && rows >= WIDENED_ROWS && numbers >= TURNED_NUMBERS;
        return slow ? Way.WIDENED : Way.PLAIN;
    }

    /// Whether packing the weight would cost more than turning rows and result over.
    private static boolean isTurned(long rows, long in, long out) {
        return ONEDNN
                && rows > 1
                && in * out >= TURNED_NUMBERS
                && rows * in * out >= TURNED_MULTIPLICATIONS
                && in * out >= TURNED_GAIN * rows * (in + out)
                && isSharedOut(out);
    }

    private static boolean isShared(long rows, long in, long out) {
        return ONEDNN
                && rows >= ROWS
                && rows * in * out >= MULTIPLICATIONS
                && (torch.get_num_threads() > 1 || isSharedByOne(rows, in, out));
    }

    private static boolean isSharedByOne(long rows, long in, long out) {
        boolean tall =
                AVX512
                        && rows >= TALL_ROWS
                        && rows >= 2 * Math.max(in, out)
                        && rows * in * out >= TALL_MULTIPLICATIONS;
        return (NARROW || tall) && rows % IMAGES == 0;
    }

    /// Whether oneDNN convolves so many rows of images at all.
    private static boolean isSharedOut(long rows) {
        return torch.get_num_threads() > 1 || rows % IMAGES == 0;
    }

    private static org.bytedeco.pytorch.Tensor row(
            org.bytedeco.pytorch.Tensor x,
            org.bytedeco.pytorch.Tensor weight,
            @Nullable Tensor bias) {
        try (var vector = x.reshape(weight.size(1));
                var product =
                        bias == null ? weight.mv(vector) : torch.addmv(at(bias), weight, vector)) {
            return product.view(shape(x, weight.size(0)));
        }
    }

    private static org.bytedeco.pytorch.Tensor turned(
            org.bytedeco.pytorch.Tensor x,
            org.bytedeco.pytorch.Tensor weight,
            @Nullable Tensor bias) {
        long in = weight.size(1), out = weight.size(0);
        try (var none = optional(null);
                var rows = x.reshape(x.numel() / in, in);
                var columns = shared(weight, rows, none);
                var product = columns.t();
                var whole = bias == null ? product.contiguous() : sum(product, at(bias))) {
            return whole.view(shape(x, out));
        }
    }

    /// With the numbers of a row side by side, whichever way they lay before.
    private static org.bytedeco.pytorch.Tensor sum(
            org.bytedeco.pytorch.Tensor product, org.bytedeco.pytorch.Tensor bias) {
        try (var sum = product.add(bias)) {
            return sum.contiguous();
        }
    }

    /// The product piece by piece, in F32 and rounded at the end.
    static Tensor widened(Tensor x, Tensor weight, @Nullable Tensor bias) {
        long out = weight.size(0), step = Math.max(1, WIDENED / weight.size(1));
        try (var scope = TensorScope.open();
                var _ = Grad.disabled()) {
            var wide = x.to(DType.F32);
            var parts = new ArrayList<Tensor>();
            for (long from = 0; from < out; from += step) {
                try (var piece = TensorScope.open()) {
                    var rows = weight.narrow(0, from, Math.min(step, out - from)).to(DType.F32);
                    parts.add(piece.keep(linear(wide, rows, null)));
                }
            }
            var all = parts.size() == 1 ? parts.getFirst() : Tensor.cat(parts, -1);
            var sum = bias == null ? all : all.add(bias.to(DType.F32));
            return scope.keep(sum.to(weight.dtype()));
        }
    }

    /// The axes of `x` with another last one.
    private static long[] shape(org.bytedeco.pytorch.Tensor x, long last) {
        var shape = new long[(int) x.dim()];
        for (int i = 0; i < shape.length - 1; i++) shape[i] = x.size(i);
        shape[shape.length - 1] = last;
        return shape;
    }

    /// `x (..., in)` times `other (in, out)`, or any product that libtorch's `matmul` knows.
    static Tensor matmul(Tensor x, Tensor other) {
        return tensor(() -> {
            if (!suits(at(x), at(other))) return at(x).matmul(at(other));
            try (var none = optional(null);
                    var weight = at(other).t()) {
                return shared(at(x), weight, none);
            }
        });
    }

    private static boolean suits(org.bytedeco.pytorch.Tensor x, org.bytedeco.pytorch.Tensor other) {
        return other.dim() == 2
                && x.dim() > 1
                && x.size(x.dim() - 1) == other.size(0)
                && x.scalar_type().value == ScalarType.Float.value
                && other.scalar_type().value == ScalarType.Float.value
                && x.is_cpu()
                && other.is_cpu()
                && isShared(x.numel() / Math.max(1, other.size(0)), other.size(0), other.size(1))
                && !torch.is_autocast_enabled(torch.DeviceType.CPU);
    }

    private static org.bytedeco.pytorch.Tensor shared(
            org.bytedeco.pytorch.Tensor x,
            org.bytedeco.pytorch.Tensor weight,
            org.bytedeco.pytorch.TensorOptional bias) {
        long in = weight.size(1), out = weight.size(0), rows = x.numel() / in;
        long images = rows % IMAGES == 0 ? IMAGES : 1;
        try (var table = x.reshape(images, rows / images, 1, in);
                var image = table.permute(0, 3, 1, 2);
                var kernel = weight.reshape(out, in, 1, 1);
                var result = torch.conv2d(image, kernel, bias, ONE, ZERO, ONE, 1);
                var channelsLast = result.permute(0, 2, 3, 1)) {
            return channelsLast.reshape(shape(x, out));
        }
    }
}
