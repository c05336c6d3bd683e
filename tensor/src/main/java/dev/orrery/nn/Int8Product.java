package dev.orrery.nn;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Device;
import dev.orrery.tensor.Dispatcher;
import dev.orrery.tensor.EngineReport;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Operator;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Rows of numbers times a weight of whole numbers of 8 bits, by what the processor is best at.
enum Int8Product {

    /// oneDNN's product of whole numbers: every number of a row is split into two of 8 bits, the
    /// second 254 times as fine, which together are finer than bf16 beside the row's largest. The
    /// weight is kept in the order in which it is read, once for all rows.
    WHOLE {
        @Override
        Kept keep(Tensor weight, Tensor scale) {
            return new Kept(
                    Operators.REORDER.call(weight, Optional.empty()).tensor(0),
                    scale.to(DType.F32));
        }

        @Override
        Tensor of(Tensor x, Kept kept) {
            return byPart(x, ROWS, part -> whole(part, kept));
        }
    },

    /// libtorch's kernel that unpacks the weight as it multiplies, for a few rows of bf16.
    PACKED {
        @Override
        Kept keep(Tensor weight, Tensor scale) {
            return new Kept(weight, scale);
        }

        @Override
        Tensor of(Tensor x, Kept kept) {
            return x.size(0) <= PACKED_ROWS
                    ? Operators.PACKED.call(x.to(DType.BF16), kept.weight, kept.scale).tensor(0)
                    : unpacked(x, kept.weight, kept.scale);
        }
    };

    /// Rows that are split at a time, and up to which the other kernel is the quickest.
    static final long ROWS = 256, PACKED_ROWS = 4;

    /// Numbers that are unpacked at a time where there are more rows: they stay in the cache.
    private static final long UNPACKED = 1L << 21;

    private static final int LARGEST = 127, FINER = 2 * LARGEST, ZERO = 128;

    /// Floats from here up have no fractions: what is added to it is rounded, by instructions that
    /// take many numbers at once, as [Math#round] does not.
    private static final float WHOLE_FROM = 0x1.8p23f;

    /// Whole numbers that meet in one sum without leaving 32 bits.
    private static final long INPUTS = (1L << 31) / ((ZERO + LARGEST) * LARGEST);

    private static final class Operators {
        static final Operator REORDER = Dispatcher.operator("onednn::qlinear_prepack");
        static final Operator WHOLE = Dispatcher.operator("onednn::qlinear_pointwise");
        static final Operator PACKED = Dispatcher.operator("aten::_weight_int8pack_mm");
    }

    private static final class Chosen {
        static final Int8Product HERE =
                EngineReport.current().sumsInt8() && isExact() ? WHOLE : PACKED;
    }

    /// What a device multiplies with. Sums of the instructions before VNNI saturate, and an
    /// environment may keep oneDNN from newer ones: products are tried once before they are
    /// trusted.
    static Int8Product on(Device device) {
        return device.kind() == Device.Kind.CPU ? Chosen.HERE : PACKED;
    }

    /// A weight as one product reads it, and no other.
    ///
    /// @param weight the whole numbers
    /// @param scale of each output
    record Kept(Tensor weight, Tensor scale) implements AutoCloseable {

        /// The same, which no scope closes.
        Kept released() {
            List.of(weight, scale).forEach(TensorScope::release);
            return this;
        }

        @Override
        public void close() {
            weight.close();
            scale.close();
        }
    }

    /// Keeps a weight, possibly these very tensors.
    ///
    /// @param weight I8 `(outputs, inputs)`
    /// @param scale BF16 `(outputs)`
    abstract Kept keep(Tensor weight, Tensor scale);

    /// @param x `(rows, inputs)`
    /// @param kept a weight of [#keep]
    /// @return `(rows, outputs)`, F32 or BF16
    abstract Tensor of(Tensor x, Kept kept);

    /// Whether a weight's inputs fit.
    static boolean suits(long inputs) {
        return inputs <= INPUTS;
    }

    /// What is made of rows, at most so many at a time.
    private static Tensor byPart(Tensor x, long most, UnaryOperator<Tensor> each) {
        long rows = x.size(0);
        if (rows <= most) return each.apply(x);
        var parts = new ArrayList<Tensor>();
        for (long from = 0; from < rows; from += most) {
            parts.add(each.apply(x.narrow(0, from, Math.min(most, rows - from))));
        }
        return Tensor.cat(parts, 0);
    }

    private static Tensor whole(Tensor x, Kept kept) {
        int rows = (int) x.size(0), inputs = (int) x.size(1);
        var numbers = x.to(DType.F32).toFloats();
        var split = new byte[2 * rows * inputs];
        var steps = new float[rows];
        for (int row = 0; row < rows; row++) {
            steps[row] = split(numbers, row * inputs, inputs, split, (rows + row) * inputs);
        }
        try (var _ = TensorScope.open()) {
            var halves = Tensor.of(MemorySegment.ofArray(split), DType.U8, 2L * rows, inputs);
            var sums = sums(halves, kept);
            var joined = sums.narrow(0, 0, rows).add(sums.narrow(0, rows, rows), 1.0 / FINER);
            return TensorScope.release(joined.mul(Tensor.of(steps, rows, 1)));
        }
    }

    /// Whole numbers, [#ZERO] of which stands for none, times a kept weight and its scale: F32.
    private static Tensor sums(Tensor x, Kept kept) {
        return Operators.WHOLE
                .call(
                        x,
                        1.0,
                        ZERO,
                        kept.weight,
                        kept.scale,
                        Tensor.zeros(DType.I64, 1),
                        Optional.empty(),
                        1.0,
                        0,
                        DType.F32,
                        "none",
                        List.of(),
                        "")
                .tensor(0);
    }

    /// Splits a row, its coarse half to the same place as it has in `numbers`.
    ///
    /// @return the step of the coarse half
    private static float split(float[] numbers, int from, int count, byte[] into, int fineFrom) {
        float largest = 0;
        for (int i = 0; i < count; i++) largest = Math.max(largest, Math.abs(numbers[from + i]));
        float step = Math.max(largest / LARGEST, Float.MIN_NORMAL), perStep = 1 / step;
        for (int i = 0; i < count; i++) {
            float scaled = numbers[from + i] * perStep;
            float coarse = scaled + WHOLE_FROM - WHOLE_FROM;
            float fine = (scaled - coarse) * FINER + WHOLE_FROM - WHOLE_FROM;
            into[from + i] = (byte) (int) (ZERO + coarse);
            into[fineFrom + i] = (byte) (int) (ZERO + fine);
        }
        return step;
    }

    /// The product piece by piece: whole numbers up to 127 are exact in bf16, so that the scale can
    /// wait.
    private static Tensor unpacked(Tensor x, Tensor weight, Tensor scale) {
        long outputs = weight.size(0), step = Math.max(1, UNPACKED / weight.size(1));
        var rounded = x.to(DType.BF16);
        var parts = new ArrayList<Tensor>();
        for (long from = 0; from < outputs; from += step) {
            try (var scope = TensorScope.open()) {
                var piece = weight.narrow(0, from, Math.min(step, outputs - from));
                parts.add(scope.keep(Functional.linear(rounded, piece.to(DType.BF16), null)));
            }
        }
        var all = parts.size() == 1 ? parts.getFirst() : Tensor.cat(parts, 1);
        return all.to(DType.F32).mul(scale.to(DType.F32));
    }

    /// Whether products of the largest numbers are right, which is where sums saturate.
    private static boolean isExact() {
        try (var _ = TensorScope.open()) {
            var signs = Seed.of(0).normal(64, 64).sign();
            var largest = signs.mul(LARGEST);
            var kept = WHOLE.keep(largest.to(DType.I8), Tensor.ones(64));
            var sums = sums(largest.add(ZERO).to(DType.U8), kept);
            var wanted = signs.matmul(signs.transpose(0, 1)).mul(LARGEST * LARGEST);
            return sums.sub(wanted).abs().max().item() == 0;
        }
    }
}
