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

    /// Lets a change hold from now on; its parameters stay its own. Over a weight that
    /// [Int8Weights] has rounded, it changes the rounded one.
    ///
    /// @throws IllegalStateException if another one holds already
    public final void change(WeightChange by) {
        if (change instanceof Int8Weights.Rounded rounded) {
            change = new OverRounded(rounded, by);
            return;
        }
        if (change != null) {
            throw new IllegalStateException(
                    "this layer is changed by an adapter already; detach that one first");
        }
        change = by;
    }

    /// Takes the change back; a weight that was rounded before stays rounded.
    public final void unchange() {
        change = change instanceof OverRounded over ? over.rounded() : null;
    }

    /// Whether the weight that counts is a rounded one, under a change or not.
    public final boolean isRounded() {
        return change instanceof Int8Weights.Rounded || change instanceof OverRounded;
    }

    /// A change of a rounded weight, which is made whole again at every call.
    private record OverRounded(Int8Weights.Rounded rounded, WeightChange own)
            implements WeightChange {

        @Override
        public Tensor weight(Tensor stored) {
            return own.weight(rounded.weight(stored));
        }

        @Override
        public Tensor forward(Tensor x, Tensor stored, @Nullable Tensor bias) {
            return own.forward(x, rounded.weight(stored), bias);
        }

        @Override
        public Tensor rows(Tensor ids, Tensor stored) {
            return own.rows(ids, stored);
        }
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
