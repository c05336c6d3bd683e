package dev.orrery.nn;

import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// I64 ids `(...)` to their rows `(..., D)`.
///
/// Name: `weight (V, D)`, drawn from a normal distribution.
public final class Embedding extends Module implements Layer, Adaptable {

    private final Tensor weight;
    private @Nullable WeightChange change;

    /// Rows with deviation 1, as in PyTorch.
    public Embedding(long vocabulary, long width, Seed seed) {
        this(vocabulary, width, 1, seed);
    }

    /// Rows with the given deviation.
    public Embedding(long vocabulary, long width, double deviation, Seed seed) {
        weight = parameter("weight", Init.normal(deviation), seed, vocabulary, width);
    }

    @Override
    public Tensor forward(Tensor ids) {
        return change == null ? Functional.embedding(ids, weight) : change.rows(ids, weight);
    }

    /// The rows `(V, D)` that count, for tying with an output layer: with their change, if they
    /// have one.
    public Tensor weight() {
        return change == null ? weight : change.weight(weight);
    }

    /// Scores `(..., V)` of every row for each vector `(..., D)`: the tied output layer.
    public Tensor logits(Tensor x) {
        return change instanceof Int8Weights.Rounded rounded
                ? rounded.forward(x, weight, null)
                : Precision.linear(x, weight(), null);
    }

    @Override
    public Tensor storedWeight() {
        return weight;
    }

    @Override
    public void change(WeightChange by) {
        if (change != null) {
            throw new IllegalStateException(
                    "this layer is changed by an adapter already; detach that one first");
        }
        change = by;
    }

    /// Whether no change holds.
    boolean isUnchanged() {
        return change == null;
    }

    @Override
    public void unchange() {
        change = null;
    }
}
