package dev.orrery.nn;

import dev.orrery.tensor.Tensor;
import java.util.Optional;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/// A layer whose weight can be changed, as by an adapter, without touching what is stored.
public abstract sealed class Adaptable extends Module permits Linear, Conv1d, Conv2d, Embedding {

    private @Nullable WeightChange change;

    Adaptable() {}

    /// The weight as it is stored, whatever changes it.
    public abstract Tensor storedWeight();

    /// The bias as it is stored, if the layer has one.
    public abstract Optional<Tensor> storedBias();

    /// The weight that counts: with its change, if it has one.
    ///
    /// @throws IllegalStateException if the change brings a bias that the layer has no place for,
    ///   as who takes the weight alone would lose it
    public final Tensor weight() {
        if (change != null && storedBias().isEmpty() && change.bias(null) != null) {
            throw new IllegalStateException(
                    "this layer has no bias and its adapter brings one, which is lost where the model joins weights of several layers; use an adapter without lora_bias");
        }
        return change == null
                ? storedWeight()
                : change.weight(storedWeight()).to(storedWeight().dtype());
    }

    /// The bias that counts, of the stored one.
    final @Nullable Tensor changed(@Nullable Tensor bias) {
        return change == null ? bias : change.bias(bias);
    }

    /// What a convolution gives, by how it slides a weight over an input.
    final Tensor convolved(Tensor x, BinaryOperator<Tensor> slide) {
        return change == null
                ? slide.apply(x, storedWeight())
                : change.convolve(x, storedWeight(), slide);
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

        @Override
        public @Nullable Tensor bias(@Nullable Tensor stored) {
            return own.bias(stored);
        }

        @Override
        public Tensor scores(Tensor x, Tensor stored) {
            return own.scores(x, rounded.weight(stored));
        }
    }

    /// Whether no change holds.
    public final boolean isUnchanged() {
        return change == null;
    }

    /// The change that holds, if one does.
    final @Nullable WeightChange change() {
        return change;
    }
}
