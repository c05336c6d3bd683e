package dev.orrery.checkpoint;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// One tensor as a safetensors file lists it.
///
/// @param name its key
/// @param type element type
/// @param shape sizes of its axes; empty for a scalar
/// @param file the file that holds it
/// @param begin first byte of its data, counted from the start of the file
/// @param end the byte after its last
public record StoredTensor(
        String name, StoredType type, List<Long> shape, Path file, long begin, long end) {

    public StoredTensor {
        shape = List.copyOf(shape);
    }

    /// Size of its data in bytes.
    public long bytes() {
        return end - begin;
    }

    /// Number of elements.
    public long elements() {
        return bytes() / type.bytes();
    }

    /// A tensor of zeros of its shape that takes no memory; in float32 where tensors lack its type.
    Tensor outline() {
        var ones = new long[shape.size()];
        Arrays.fill(ones, 1);
        return Tensor.zeros(type.dtype().orElse(DType.F32), ones)
                .expand(shape.stream().mapToLong(Long::longValue).toArray());
    }
}
