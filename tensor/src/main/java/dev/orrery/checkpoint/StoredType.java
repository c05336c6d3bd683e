package dev.orrery.checkpoint;

import dev.orrery.tensor.DType;
import java.util.Optional;

/// The element types that a safetensors file may hold, in the format's own order (tensors with a
/// later type are written first, which keeps every tensor aligned).
///
/// Source: the safetensors format description.
public enum StoredType {
    BOOL(1),
    U8(1),
    I8(1),
    F8_E5M2(1),
    F8_E4M3(1),
    I16(2),
    U16(2),
    F16(2),
    BF16(2),
    I32(4),
    U32(4),
    F32(4),
    F64(8),
    I64(8),
    U64(8);

    private final int bytes;

    StoredType(int bytes) {
        this.bytes = bytes;
    }

    /// Bytes per element.
    public int bytes() {
        return bytes;
    }

    /// The type that a header calls `name`.
    public static Optional<StoredType> named(String name) {
        for (var type : values()) if (type.name().equals(name)) return Optional.of(type);
        return Optional.empty();
    }

    /// The type of tensors that is the same, if there is one.
    Optional<DType> dtype() {
        for (var dtype : DType.values()) if (dtype.name().equals(name())) return Optional.of(dtype);
        return Optional.empty();
    }
}
