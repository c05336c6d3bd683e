package dev.orrery.worldmodel;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// How a class is picked from each distribution of a step.
@FunctionalInterface
public interface Draws {

    /// One-hot classes of probabilities `(..., K)`, without gradient.
    ///
    /// @param step the step of the sequence, which the randomness depends on
    Tensor draw(Tensor probabilities, int step);

    /// Drawn from a seed, by inverting the cumulative distribution.
    static Draws of(Seed seed) {
        return (probabilities, step) -> {
            var p = probabilities.detach();
            var shape = p.shape();
            shape[shape.length - 1] = 1;
            var level = seed.split(step).uniform(shape);
            var below = p.cumsum(-1).narrow(-1, 0, p.size(-1) - 1).le(level);
            return oneHot(p, below.sum(-1, true));
        };
    }

    /// The classes whose log-probability is largest after adding given noise `(T, ..., K)`.
    static Draws gumbel(Tensor noise) {
        return (probabilities, step) -> {
            var p = probabilities.detach();
            return oneHot(p, p.log().add(noise.select(0, step)).argmax(-1, true));
        };
    }

    /// The most likely classes.
    static Draws mostLikely() {
        return (probabilities, _) -> {
            var p = probabilities.detach();
            return oneHot(p, p.argmax(-1, true));
        };
    }

    private static Tensor oneHot(Tensor like, Tensor classes) {
        return Tensor.zerosLike(like).scatter_(-1, classes, 1);
    }
}
