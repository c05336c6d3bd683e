package dev.orrery.tensor;

import org.bytedeco.pytorch.global.torch.ScalarType;

/// The type of a tensor's elements.
public enum DType {
    /// 32-bit floating point, the default for values that are learned.
    F32(ScalarType.Float, 4),
    /// 64-bit floating point.
    F64(ScalarType.Double, 8),
    /// 16-bit IEEE floating point.
    F16(ScalarType.Half, 2),
    /// 16-bit floating point with the exponent range of F32.
    BF16(ScalarType.BFloat16, 2),
    /// Signed byte.
    I8(ScalarType.Char, 1),
    /// 16-bit integer.
    I16(ScalarType.Short, 2),
    /// 32-bit integer.
    I32(ScalarType.Int, 4),
    /// 64-bit integer, the type of ids and indices.
    I64(ScalarType.Long, 8),
    /// Unsigned byte, the type of pixels.
    U8(ScalarType.Byte, 1),
    /// Truth value of one byte.
    BOOL(ScalarType.Bool, 1);

    private final ScalarType scalar;
    private final int bytes;

    DType(ScalarType scalar, int bytes) {
        this.scalar = scalar;
        this.bytes = bytes;
    }

    /// Bytes of one element.
    public int bytes() {
        return bytes;
    }

    /// Whether values have fractions, and so can carry gradients.
    public boolean isFloating() {
        return switch (this) {
            case F32, F64, F16, BF16 -> true;
            case I8, I16, I32, I64, U8, BOOL -> false;
        };
    }

    ScalarType scalar() {
        return scalar;
    }

    static DType of(ScalarType scalar) {
        for (var type : values()) {
            if (type.scalar.value == scalar.value) return type;
        }
        throw new IllegalArgumentException("element type %s has no DType".formatted(scalar));
    }
}
