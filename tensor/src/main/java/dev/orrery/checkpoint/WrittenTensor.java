package dev.orrery.checkpoint;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Device;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// A tensor that is about to be written.
///
/// @param dtype what it is written as; it is converted when its turn comes, so that never more than
///   one is
record WrittenTensor(String name, Tensor tensor, DType dtype) {

    private static final long PIECE = 256L << 20;

    /// Takes the pieces of a tensor's data.
    @FunctionalInterface
    interface Sink<E extends Exception> {
        void take(ByteBuffer piece) throws E;
    }

    /// What the format calls its type.
    StoredType type() {
        return StoredType.valueOf(dtype.name());
    }

    /// The bytes of its data.
    long bytes() {
        return tensor.numel() * type().bytes();
    }

    /// Hands its data on, in pieces that fit a buffer.
    <E extends Exception> void data(Sink<E> sink) throws E {
        if (tensor.numel() == 0) return;
        try (var _ = TensorScope.open()) {
            var data = tensor.detach().to(Device.CPU).to(dtype).contiguous().segment();
            pieces(data, sink);
        }
    }

    /// The same of data that lie somewhere.
    static <E extends Exception> void pieces(MemorySegment data, Sink<E> sink) throws E {
        for (long at = 0; at < data.byteSize(); at += PIECE) {
            sink.take(data.asSlice(at, Math.min(PIECE, data.byteSize() - at)).asByteBuffer());
        }
    }
}
