package dev.orrery.flow;

import dev.orrery.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/// How strongly each step of a new chunk is held to the chunk that is still being executed.
///
/// The first `frozen` steps will have been executed by the time the new chunk is ready, so they
/// weigh 1; up to `horizon` weights fall; from there on the new chunk is free.
///
/// Source: real-time chunking, arXiv:2506.07339 equation 5.
///
/// @param weights K weights in `[0, 1]`, not copied
public record PrefixWeights(double[] weights) {

    /// How weights fall between the frozen steps and the horizon.
    public enum Decay {
        /// In equal steps.
        LINEAR,
        /// `c (e^c - 1) / (e - 1)` of the linear weight c: falls faster. The paper's choice.
        EXPONENTIAL,
        /// Not at all: held until the horizon.
        ONES,
        /// At once: only frozen steps are held.
        ZEROS
    }

    /// Weights for a chunk.
    ///
    /// @param steps length K of the chunk
    /// @param frozen steps that cannot change any more, 0 to `horizon`
    /// @param horizon first step that is free, at most K
    public static PrefixWeights of(int steps, int frozen, int horizon, Decay decay) {
        if (steps < 1 || frozen < 0 || frozen > horizon || horizon > steps) {
            throw new IllegalArgumentException(
                    "a chunk of %d steps with %d frozen and %d held; needs 0 <= frozen <= held <= steps"
                            .formatted(steps, frozen, horizon));
        }
        var weights = new double[steps];
        for (int i = 0; i < horizon; i++) {
            double linear = (horizon - i) / (horizon - frozen + 1d);
            weights[i] = i < frozen ? 1 : decayed(decay, linear);
        }
        return new PrefixWeights(weights);
    }

    /// The weights as a tensor that broadcasts over `(B, K, A)`.
    public Tensor overChunks() {
        return overChunks(List.of(this));
    }

    /// Weights of B chunks of equal length, `(B, K, 1)`.
    static Tensor overChunks(List<PrefixWeights> all) {
        int length = all.getFirst().weights.length;
        var values = new float[all.size() * length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) all.get(i / length).weights[i % length];
        }
        return Tensor.of(values, all.size(), length, 1);
    }

    private static double decayed(Decay decay, double linear) {
        return switch (decay) {
            case LINEAR -> linear;
            case EXPONENTIAL -> linear * Math.expm1(linear) / Math.expm1(1);
            case ONES -> 1;
            case ZEROS -> 0;
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PrefixWeights(double[] that) && Arrays.equals(weights, that);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(weights);
    }

    @Override
    public String toString() {
        return "PrefixWeights" + Arrays.toString(weights);
    }
}
