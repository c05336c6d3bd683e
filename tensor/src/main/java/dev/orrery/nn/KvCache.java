package dev.orrery.nn;

import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import org.jspecify.annotations.Nullable;

/// Keys and values of one attention layer that later queries attend to again.
///
/// The memory is laid out for `capacity` positions when the first are stored and lives until
/// [#close()], across scopes. For inference only: nothing is recorded for gradients. One thread.
public final class KvCache implements AutoCloseable {

    /// Keys and values `(B, M, length, D)`.
    public record Entries(Tensor keys, Tensor values) {}

    private final long capacity;
    private @Nullable Entries memory;
    private long length;

    /// @param capacity most positions that will be held
    public KvCache(long capacity) {
        this.capacity = capacity;
    }

    /// Stores new positions and returns all that are held.
    public Entries append(Tensor keys, Tensor values) {
        var all = joined(keys, values);
        length += keys.size(2);
        return all;
    }

    /// What is held followed by these positions, which are not kept: the next call overwrites them.
    /// So a prefix is encoded once and joined by other suffixes again and again.
    public Entries joined(Tensor keys, Tensor values) {
        long added = keys.size(2), total = length + added;
        if (total > capacity)
            throw new IllegalStateException(
                    "cache holds %d of %d positions, %d more do not fit; make it larger"
                            .formatted(length, capacity, added));
        try (var _ = Grad.disabled()) {
            if (memory == null) memory = new Entries(room(keys), room(values));
            memory.keys.narrow(2, length, added).copy_(keys);
            memory.values.narrow(2, length, added).copy_(values);
            return new Entries(memory.keys.narrow(2, 0, total), memory.values.narrow(2, 0, total));
        }
    }

    private Tensor room(Tensor like) {
        return TensorScope.release(
                Tensor.empty(
                        like.device(),
                        like.dtype(),
                        like.size(0),
                        like.size(1),
                        capacity,
                        like.size(3)));
    }

    /// Positions held.
    public long length() {
        return length;
    }

    /// Keeps these rows of the batch, in this order; a row may be named several times, so that a
    /// prompt that was read once is continued in several ways.
    public void select(long... rows) {
        if (memory == null) return;
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            var which = Tensor.of(rows, rows.length);
            var chosen =
                    new Entries(
                            TensorScope.release(memory.keys.indexSelect(0, which)),
                            TensorScope.release(memory.values.indexSelect(0, which)));
            memory.keys.close();
            memory.values.close();
            memory = chosen;
        }
    }

    /// Forgets all positions from `length` on.
    public void truncate(long length) {
        if (length < 0 || length > this.length)
            throw new IllegalArgumentException(
                    "cache of %d positions cannot be cut to %d".formatted(this.length, length));
        this.length = length;
    }

    @Override
    public void close() {
        if (memory != null) {
            memory.keys.close();
            memory.values.close();
        }
        memory = null;
        length = 0;
    }
}
