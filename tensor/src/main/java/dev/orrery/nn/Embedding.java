package dev.orrery.nn;

import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.Optional;
import java.util.OptionalLong;

/// I64 ids `(...)` to their rows `(..., D)`.
///
/// Name: `weight (V, D)`, drawn from a normal distribution.
public final class Embedding extends Adaptable implements Layer {

    private final Tensor weight;
    private final OptionalLong padding;

    /// Rows with deviation 1, as in PyTorch.
    public Embedding(long vocabulary, long width, Seed seed) {
        this(vocabulary, width, 1, seed);
    }

    /// Rows with the given deviation.
    public Embedding(long vocabulary, long width, double deviation, Seed seed) {
        this(vocabulary, width, deviation, OptionalLong.empty(), seed);
    }

    /// The same, of which one row stands for padding: looking it up gives it no gradient. One
    /// outside the table is none.
    ///
    /// @param padding that row; a negative one counts from the end, as in PyTorch
    public Embedding(
            long vocabulary, long width, double deviation, OptionalLong padding, Seed seed) {
        this.padding =
                padding.stream()
                        .map(row -> row < 0 ? row + vocabulary : row)
                        .filter(row -> row >= 0 && row < vocabulary)
                        .findFirst();
        weight = parameter("weight", Init.normal(deviation), seed, vocabulary, width);
    }

    @Override
    public Tensor forward(Tensor ids) {
        var change = change();
        if (change != null) return change.rows(ids, weight);
        return padding.isEmpty()
                ? Functional.embedding(ids, weight)
                : Functional.embedding(ids, weight, padding.getAsLong());
    }

    /// Scores `(..., V)` of every row for each vector `(..., D)`: the tied output layer. A change
    /// of this layer counts there only if it says so; [Linear#tied] is what another one can hold.
    public Tensor logits(Tensor x) {
        var change = change();
        return change == null ? Precision.linear(x, weight, null) : change.scores(x, weight);
    }

    @Override
    public Tensor storedWeight() {
        return weight;
    }

    @Override
    public Optional<Tensor> storedBias() {
        return Optional.empty();
    }
}
