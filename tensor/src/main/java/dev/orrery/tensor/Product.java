package dev.orrery.tensor;

import static dev.orrery.tensor.Natives.optional;
import static dev.orrery.tensor.Natives.tensor;
import static dev.orrery.tensor.Tensor.at;

import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// Large F32 matrix products as convolutions of one pixel, which oneDNN computes with the widest
/// instructions of the processor and shares out over OpenMP's threads.
///
/// libtorch hands F32 products to OpenBLAS, which runs on one thread here (see [Engine]) and may
/// have been told by its environment to use narrower kernels than the processor's. A row-major
/// matrix `(N M, in)` is at the same time N images `(in, M, 1)` with their channels last, so the
/// convolution and its derivative read and write the same memory.
final class Product {

    /// Rows and multiplications below which sharing out costs more than it gains.
    static final long ROWS = 64;

    private static final long MULTIPLICATIONS = 1L << 22;

    /// Multiplications from which a single row goes another way; smaller ones are quick either way.
    private static final long ROW_MULTIPLICATIONS = 1L << 20;

    /// libtorch convolves with oneDNN on one thread only if there are so many images.
    private static final long IMAGES = 16;

    /// Rows and multiplications from which oneDNN is quicker on one thread even where OpenBLAS's
    /// kernels are as wide as the processor: its derivatives of tall products are.
    private static final long TALL_ROWS = 2048, TALL_MULTIPLICATIONS = 1L << 26;

    private static final long[] ONE = {1, 1}, ZERO = {0, 0};

    private static final boolean ONEDNN = torch.hasMKLDNN();

    /// With kernels as wide as the processor OpenBLAS is as quick on one thread, but for tall
    /// products.
    private static final boolean NARROW = OpenBlas.current().isNarrow(Processor.current());

    private Product() {}

    /// `x (..., in)` times the transpose of `weight (out, in)`, plus `bias (out)`.
    static Tensor linear(Tensor x, Tensor weight, @Nullable Tensor bias) {
        return tensor(
                optional(bias),
                b ->
                        suits(at(x), at(weight), 1)
                                ? shared(at(x), at(weight), b)
                                : isRow(at(x), at(weight))
                                        ? row(at(x), at(weight), bias)
                                        : torch.linear(at(x), at(weight), b));
    }

    /// Whether one F32 row meets a large matrix, as for the next token of one text: OpenBLAS reads
    /// the matrix several times as fast as a vector's product than as a product of matrices.
    private static boolean isRow(
            org.bytedeco.pytorch.Tensor x, org.bytedeco.pytorch.Tensor weight) {
        return weight.dim() == 2
                && x.dim() > 0
                && x.numel() == weight.size(1)
                && x.size(x.dim() - 1) == weight.size(1)
                && weight.numel() >= ROW_MULTIPLICATIONS
                && x.scalar_type().value == ScalarType.Float.value
                && weight.scalar_type().value == ScalarType.Float.value
                && x.is_cpu()
                && weight.is_cpu()
                && !torch.is_autocast_enabled(torch.DeviceType.CPU);
    }

    private static org.bytedeco.pytorch.Tensor row(
            org.bytedeco.pytorch.Tensor x,
            org.bytedeco.pytorch.Tensor weight,
            @Nullable Tensor bias) {
        var shape = new long[(int) x.dim()];
        for (int i = 0; i < shape.length; i++) shape[i] = x.size(i);
        shape[shape.length - 1] = weight.size(0);
        try (var vector = x.reshape(weight.size(1));
                var product =
                        bias == null ? weight.mv(vector) : torch.addmv(at(bias), weight, vector)) {
            return product.view(shape);
        }
    }

    /// `x (..., in)` times `other (in, out)`, or any product that libtorch's `matmul` knows.
    static Tensor matmul(Tensor x, Tensor other) {
        return tensor(() -> {
            if (!suits(at(x), at(other), 0)) return at(x).matmul(at(other));
            try (var none = optional(null);
                    var weight = at(other).t()) {
                return shared(at(x), weight, none);
            }
        });
    }

    private static boolean suits(
            org.bytedeco.pytorch.Tensor x, org.bytedeco.pytorch.Tensor weight, int inAxis) {
        if (!ONEDNN || weight.dim() != 2) return false;
        long elements = x.numel(), axes = x.dim(), in = weight.size(inAxis);
        return elements * weight.size(1 - inAxis) >= MULTIPLICATIONS
                && elements >= ROWS * in
                && axes > 1
                && x.size(axes - 1) == in
                && x.scalar_type().value == ScalarType.Float.value
                && weight.scalar_type().value == ScalarType.Float.value
                && x.is_cpu()
                && weight.is_cpu()
                && (torch.get_num_threads() > 1 || suitsOneThread(elements / in, weight))
                && !torch.is_autocast_enabled(torch.DeviceType.CPU);
    }

    private static boolean suitsOneThread(long rows, org.bytedeco.pytorch.Tensor weight) {
        long in = weight.size(1), out = weight.size(0);
        boolean tall =
                rows >= TALL_ROWS
                        && rows >= 2 * Math.max(in, out)
                        && rows * in * out >= TALL_MULTIPLICATIONS;
        return (NARROW || tall) && rows % IMAGES == 0;
    }

    private static org.bytedeco.pytorch.Tensor shared(
            org.bytedeco.pytorch.Tensor x,
            org.bytedeco.pytorch.Tensor weight,
            org.bytedeco.pytorch.TensorOptional bias) {
        long in = weight.size(1), out = weight.size(0), rows = x.numel() / in;
        var shape = new long[(int) x.dim()];
        for (int i = 0; i < shape.length - 1; i++) shape[i] = x.size(i);
        shape[shape.length - 1] = out;
        long images = rows % IMAGES == 0 ? IMAGES : 1;
        try (var table = x.reshape(images, rows / images, 1, in);
                var image = table.permute(0, 3, 1, 2);
                var kernel = weight.reshape(out, in, 1, 1);
                var result = torch.conv2d(image, kernel, bias, ONE, ZERO, ONE, 1);
                var channelsLast = result.permute(0, 2, 3, 1)) {
            return channelsLast.reshape(shape);
        }
    }
}
