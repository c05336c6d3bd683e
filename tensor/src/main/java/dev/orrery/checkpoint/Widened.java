package dev.orrery.checkpoint;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.orrery.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/// Stored types that tensors do not have, copied into the nearest type that holds every value.
final class Widened {

    private Widened() {}

    /// The tensor of an entry with such a type.
    static Tensor tensor(StoredTensor entry, MemorySegment data) {
        long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
        return switch (entry.type()) {
            case U16 -> u16(data, shape);
            case U32 -> u32(data, shape);
            case U64 -> u64(entry, data, shape);
            case F8_E4M3 -> e4m3(data, shape);
            case F8_E5M2 -> e5m2(data, shape);
            case BOOL, U8, I8, I16, I32, I64, F16, BF16, F32, F64 ->
                    throw new IllegalArgumentException(entry.type() + " needs no wider type");
        };
    }

    private static Tensor u16(MemorySegment data, long[] shape) {
        var values = new int[Math.toIntExact(data.byteSize() / 2)];
        for (int i = 0; i < values.length; i++)
            values[i] = Short.toUnsignedInt(data.get(JAVA_SHORT_UNALIGNED, 2L * i));
        return Tensor.of(values, shape);
    }

    private static Tensor u32(MemorySegment data, long[] shape) {
        var values = new long[Math.toIntExact(data.byteSize() / 4)];
        for (int i = 0; i < values.length; i++)
            values[i] = Integer.toUnsignedLong(data.get(JAVA_INT_UNALIGNED, 4L * i));
        return Tensor.of(values, shape);
    }

    private static Tensor u64(StoredTensor entry, MemorySegment data, long[] shape) {
        var values = new long[Math.toIntExact(data.byteSize() / 8)];
        for (int i = 0; i < values.length; i++) {
            values[i] = data.get(JAVA_LONG_UNALIGNED, 8L * i);
            if (values[i] < 0)
                throw new CheckpointException(
                        entry.file(),
                        entry.name(),
                        "holds " + Long.toUnsignedString(values[i]) + ", beyond signed 64 bits",
                        "store it as I64 or F64");
        }
        return Tensor.of(values, shape);
    }

    /// Four exponent bits (bias 7), three of mantissa, no infinity; all ones is not a number.
    private static Tensor e4m3(MemorySegment data, long[] shape) {
        return decoded(data, shape, Widened::e4m3);
    }

    /// Five exponent bits (bias 15) and two of mantissa: the upper half of an IEEE half.
    private static Tensor e5m2(MemorySegment data, long[] shape) {
        return decoded(data, shape, bits -> Float.float16ToFloat((short) (bits << 8)));
    }

    static float e4m3(int bits) {
        int exponent = bits >> 3 & 15, mantissa = bits & 7;
        if (exponent == 15 && mantissa == 7) return Float.NaN;
        float size =
                exponent == 0
                        ? Math.scalb((float) mantissa, -9)
                        : Math.scalb(8f + mantissa, exponent - 10);
        return (bits & 128) == 0 ? size : -size;
    }

    private interface Decoder {
        float value(int bits);
    }

    private static Tensor decoded(MemorySegment data, long[] shape, Decoder decoder) {
        var values = new float[Math.toIntExact(data.byteSize())];
        for (int i = 0; i < values.length; i++)
            values[i] = decoder.value(Byte.toUnsignedInt(data.get(JAVA_BYTE, i)));
        return Tensor.of(values, shape);
    }
}
