package dev.orrery.nn;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// Sets numbers to zero at random while a network is trained, and lifts the others so that the mean
/// stays.
///
/// @param probability of a number to be dropped
/// @param seed which ones; equal seeds drop equal numbers
public record Dropout(double probability, Seed seed) {

    /// Nothing is dropped, as when a network is used.
    public static final Dropout NONE = new Dropout(0, Seed.of(0));

    public Dropout {
        if (!(probability >= 0 && probability < 1)) {
            throw new IllegalArgumentException(
                    "dropout of %s; use a probability from 0 to below 1".formatted(probability));
        }
    }

    /// The same share of other numbers, for another layer.
    public Dropout split(String name) {
        return new Dropout(probability, seed.split(name));
    }

    /// `x` with numbers dropped.
    public Tensor apply(Tensor x) {
        if (probability == 0) return x;
        var kept = seed.uniform(x.shape()).ge(probability).to(x.dtype());
        return x.mul(kept.mul(1 / (1 - probability)));
    }
}
