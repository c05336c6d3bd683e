package dev.orrery.nn;

import dev.orrery.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// A layer whose weight can be changed, as by an adapter, without touching what is stored.
public abstract sealed class Adaptable extends Module permits Linear, Conv1d, Conv2d, Embedding {

    private @Nullable WeightChange change;

    Adaptable() {}

    /// The weight as it is stored, whatever changes it.
    public abstract Tensor storedWeight();

    /// The weight that counts: with its change, if it has one.
    public final Tensor weight() {
        return change == null ? storedWeight() : change.weight(storedWeight());
    }

    /// Lets a change hold from now on; its parameters stay its own.
    ///
    /// @throws IllegalStateException if another one holds already
    public final void change(WeightChange by) {
        if (change != null) {
            throw new IllegalStateException(
                    "this layer is changed by an adapter already; detach that one first");
        }
        change = by;
    }

    /// Takes the change back.
    public final void unchange() {
        change = null;
    }

    /// Whether no change holds.
    final boolean isUnchanged() {
        return change == null;
    }

    /// The change that holds, if one does.
    final @Nullable WeightChange change() {
        return change;
    }
}
