package dev.orrery.tensor;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// Numbers as libtorch takes them.
///
/// Making and freeing one costs as much as a small operation itself, and few different ones recur
/// in a program, so the first that come are kept for good: up to [#SLOTS] real and as many whole
/// ones.
final class Numbers {

    private static final int SLOTS = 512, SHIFT = Long.SIZE - 9;
    private static final long SPREAD = 0x9E3779B97F4A7C15L;

    /// Shared, and so never freed.
    private static final class Kept extends Scalar {

        private final long bits;
        private final KeptTensor tensor = new KeptTensor(this);

        Kept(double value) {
            super(value);
            bits = Double.doubleToRawLongBits(value);
        }

        Kept(long value) {
            super(value);
            bits = value;
        }

        @Override
        public void close() {
            // others use it
        }
    }

    /// The number as a tensor that does not take part in type promotion, as operators make it of
    /// theirs.
    private static final class KeptTensor extends org.bytedeco.pytorch.Tensor {

        KeptTensor(Scalar number) {
            super(torch.wrapped_scalar_tensor(number));
        }

        @Override
        public void close() {
            // others use it
        }
    }

    private static final AtomicReferenceArray<@Nullable Kept> REAL =
            new AtomicReferenceArray<>(SLOTS);
    private static final AtomicReferenceArray<@Nullable Kept> WHOLE =
            new AtomicReferenceArray<>(SLOTS);

    private Numbers() {}

    /// A number to be closed after use.
    static Scalar of(double value) {
        var kept = kept(value);
        return kept == null ? new Scalar(value) : kept;
    }

    /// A number to be closed after use.
    static Scalar of(long value) {
        var kept = kept(value);
        return kept == null ? new Scalar(value) : kept;
    }

    /// A number as the second operand of `add`, `sub`, `mul` or `div`, to be closed after use.
    static org.bytedeco.pytorch.Tensor wrapped(double value) {
        var kept = kept(value);
        return kept == null ? wrapped(new Scalar(value)) : kept.tensor;
    }

    /// A number as the second operand of `add`, `sub`, `mul` or `div`, to be closed after use.
    static org.bytedeco.pytorch.Tensor wrapped(long value) {
        var kept = kept(value);
        return kept == null ? wrapped(new Scalar(value)) : kept.tensor;
    }

    private static org.bytedeco.pytorch.Tensor wrapped(Scalar number) {
        try (number) {
            return torch.wrapped_scalar_tensor(number);
        }
    }

    private static @Nullable Kept kept(double value) {
        long bits = Double.doubleToRawLongBits(value);
        int slot = slot(bits);
        var kept = REAL.get(slot);
        if (kept == null && REAL.compareAndSet(slot, null, new Kept(value))) kept = REAL.get(slot);
        return kept != null && kept.bits == bits ? kept : null;
    }

    private static @Nullable Kept kept(long value) {
        int slot = slot(value);
        var kept = WHOLE.get(slot);
        if (kept == null && WHOLE.compareAndSet(slot, null, new Kept(value)))
            kept = WHOLE.get(slot);
        return kept != null && kept.bits == value ? kept : null;
    }

    private static int slot(long bits) {
        return (int) (bits * SPREAD >>> SHIFT);
    }
}
