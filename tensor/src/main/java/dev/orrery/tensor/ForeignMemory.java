package dev.orrery.tensor;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.PointerConsumer;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/// Tensors over memory that Java owns: the memory is kept until the last tensor over it, or view of
/// one, is freed.
final class ForeignMemory {

    private record Use(MemorySegment memory, int tensors) {}

    /// What is in use, by address.
    private static final ConcurrentHashMap<Long, Use> USED = new ConcurrentHashMap<>();

    /// Called by libtorch, on any thread, when a storage dies; one for all, as callbacks are
    /// scarce.
    private static final PointerConsumer RELEASE =
            new PointerConsumer() {
                @Override
                public void call(Pointer data) {
                    USED.computeIfPresent(
                            data.address(),
                            (_, use) ->
                                    use.tensors == 1 ? null : new Use(use.memory, use.tensors - 1));
                }
            };

    private static final class Address extends Pointer {
        Address(MemorySegment memory) {
            address = memory.address();
        }
    }

    private ForeignMemory() {}

    static Tensor tensor(MemorySegment memory, DType dtype, long[] shape) {
        USED.merge(
                memory.address(),
                new Use(memory, 1),
                (use, _) -> new Use(use.memory, use.tensors + 1));
        try (var options = new TensorOptions(dtype.scalar());
                var address = new Address(memory)) {
            return Natives.tensor(() -> torch.from_blob(address, shape, RELEASE, options));
        }
    }

    /// Tensors made over this memory that, with all their views, are not freed yet.
    static int uses(MemorySegment memory) {
        var use = USED.get(memory.address());
        return use == null ? 0 : use.tensors;
    }
}
