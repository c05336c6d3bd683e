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

/// Rows of numbers times a weight of whole numbers of 8 bits, by what the processor is best at.
enum Int8Product {

    /// oneDNN's product of whole numbers: every number of a row is split into two of 8 bits, the
    /// second 254 times as fine, which together are finer than bf16 beside the row's largest. The
    /// weight is read as it lies, once for all rows.
    WHOLE {
        @Override
        Tensor of(Tensor x, Tensor weight, Tensor scale) {
            return x.size(0) <= WHOLE_ROWS ? whole(x, weight, scale) : unpacked(x, weight, scale);
        }
    },

    /// libtorch's kernel that unpacks the weight as it multiplies, for a few rows of bf16.
    PACKED {
        @Override
        Tensor of(Tensor x, Tensor weight, Tensor scale) {
            return x.size(0) <= PACKED_ROWS
                    ? Operators.PACKED.call(x.to(DType.BF16), weight, scale).tensor(0)
                    : unpacked(x, weight, scale);
        }
    };

    /// Rows up to which each is the quickest.
    static final long WHOLE_ROWS = 256, PACKED_ROWS = 4;

    /// Numbers that are unpacked at a time where there are more rows: they stay in the cache.
    private static final long UNPACKED = 1L << 21;

    private static final int LARGEST = 127, FINER = 2 * LARGEST;

    /// Whole numbers that meet in one sum without leaving 32 bits.
    private static final long INPUTS = (1L << 31) / (LARGEST * LARGEST) / 2;

    private static final class Operators {
        static final Operator WHOLE = Dispatcher.operator("aten::_int_mm");
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

    /// @param x `(rows, inputs)`
    /// @param weight I8 `(outputs, inputs)`
    /// @param scale BF16 `(outputs)`
    /// @return `(rows, outputs)`, F32 or BF16
    abstract Tensor of(Tensor x, Tensor weight, Tensor scale);

    /// Whether a weight's inputs fit.
    static boolean suits(long inputs) {
        return inputs <= INPUTS;
    }

    private static Tensor whole(Tensor x, Tensor weight, Tensor scale) {
        int rows = (int) x.size(0), inputs = (int) x.size(1);
        var numbers = x.to(DType.F32).toFloats();
        var split = new byte[2 * rows * inputs];
        var steps = new float[rows];
        for (int row = 0; row < rows; row++) {
            steps[row] = split(numbers, row * inputs, inputs, split, (rows + row) * inputs);
        }
        try (var _ = TensorScope.open()) {
            var halves = Tensor.of(MemorySegment.ofArray(split), DType.I8, 2L * rows, inputs);
            var sums = Operators.WHOLE.call(weight, halves.transpose(0, 1)).tensor(0).toInts();
            var joined = join(sums, steps, scale.to(DType.F32).toFloats());
            return TensorScope.release(Tensor.of(joined, rows, scale.size(0)));
        }
    }

    /// Splits a row, its coarse half to the same place as it has in `numbers`.
    ///
    /// @return the step of the coarse half
    private static float split(float[] numbers, int from, int count, byte[] into, int fineFrom) {
        float largest = 0;
        for (int i = 0; i < count; i++) largest = Math.max(largest, Math.abs(numbers[from + i]));
        float step = Math.max(largest / LARGEST, Float.MIN_NORMAL);
        for (int i = 0; i < count; i++) {
            float scaled = numbers[from + i] / step;
            int coarse = Math.round(scaled);
            into[from + i] = (byte) coarse;
            into[fineFrom + i] = (byte) Math.round((scaled - coarse) * FINER);
        }
        return step;
    }

    /// @param sums `(outputs, 2 rows)`: coarse halves, fine halves
    /// @return `(rows, outputs)`
    private static float[] join(int[] sums, float[] steps, float[] scale) {
        int rows = steps.length, outputs = scale.length;
        var joined = new float[rows * outputs];
        for (int output = 0; output < outputs; output++) {
            int at = output * 2 * rows;
            for (int row = 0; row < rows; row++) {
                float sum = sums[at + row] + sums[at + rows + row] / (float) FINER;
                joined[row * outputs + output] = sum * steps[row] * scale[output];
            }
        }
        return joined;
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
            var largest = signs.mul(LARGEST).to(DType.I8);
            var sums = Operators.WHOLE.call(largest, largest.transpose(0, 1)).tensor(0);
            var wanted = signs.matmul(signs.transpose(0, 1)).mul(LARGEST * LARGEST);
            return sums.to(DType.F32).sub(wanted).abs().max().item() == 0;
        }
    }
}
