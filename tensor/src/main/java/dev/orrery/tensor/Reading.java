package dev.orrery.tensor;

import static dev.orrery.tensor.Tensor.at;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Function;

/// Copying elements to Java. Values are converted to the type asked for and come in row-major
/// order, whatever the layout, device and gradient of the tensor.
public sealed interface Reading permits Tensor {

    /// The elements as floats.
    default float[] toFloats() {
        return read(this, DType.F32, memory -> memory.toArray(ValueLayout.JAVA_FLOAT));
    }

    /// The elements as doubles.
    default double[] toDoubles() {
        return read(this, DType.F64, memory -> memory.toArray(ValueLayout.JAVA_DOUBLE));
    }

    /// The elements as longs.
    default long[] toLongs() {
        return read(this, DType.I64, memory -> memory.toArray(ValueLayout.JAVA_LONG));
    }

    /// The elements as ints.
    default int[] toInts() {
        return read(this, DType.I32, memory -> memory.toArray(ValueLayout.JAVA_INT));
    }

    /// The elements as unsigned bytes.
    default byte[] toBytes() {
        return read(this, DType.U8, memory -> memory.toArray(ValueLayout.JAVA_BYTE));
    }

    /// The elements as truth values; non-zero is true.
    default boolean[] toBooleans() {
        var bytes = read(this, DType.BOOL, memory -> memory.toArray(ValueLayout.JAVA_BYTE));
        var values = new boolean[bytes.length];
        for (int i = 0; i < values.length; i++) values[i] = bytes[i] != 0;
        return values;
    }

    /// The elements unconverted, as bytes in the machine's order.
    default byte[] toRawBytes() {
        var dtype = ((Tensor) this).dtype();
        return read(this, dtype, memory -> memory.toArray(ValueLayout.JAVA_BYTE));
    }

    /// The only element.
    ///
    /// @throws IllegalArgumentException if there is more than one
    default double item() {
        return Natives.get(() -> at(this).item_double());
    }

    /// The elements themselves, row-major and shared, not copied.
    ///
    /// The segment ends with the tensor: using it after the tensor, or the scope that owns it, was
    /// closed throws an [IllegalStateException].
    ///
    /// @throws IllegalStateException if they are not contiguous, or not in the host's memory
    default MemorySegment segment() {
        var tensor = (Tensor) this;
        if (!tensor.isContiguous() || tensor.device().kind() != Device.Kind.CPU) {
            throw new IllegalStateException(
                    "tensor %s on %s is not contiguous host memory; call to(Device.CPU).contiguous() first"
                            .formatted(tensor, tensor.device()));
        }
        return Natives.get(() ->
                tensor.lend(Natives.memory(at(this), tensor.numel() * tensor.dtype().bytes())));
    }

    private static <A> A read(Object tensor, DType dtype, Function<MemorySegment, A> copy) {
        return Natives.get(() -> {
            try (var values = at(tensor).detach();
                    var host = values.cpu();
                    var typed = host.to(dtype.scalar());
                    var flat = typed.contiguous()) {
                return copy.apply(Natives.memory(flat, flat.numel() * dtype.bytes()));
            }
        });
    }
}
