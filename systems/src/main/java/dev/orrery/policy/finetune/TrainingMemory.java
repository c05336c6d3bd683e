package dev.orrery.policy.finetune;

/// Bytes that an adaptation takes, as an estimate.
public final class TrainingMemory {

    private static final int FLOAT = 4;

    /// Tensors of a layer's width that are kept for the backward pass: norms, queries, keys,
    /// values, attention's result, projections and sums.
    private static final int KEPT = 10;

    private TrainingMemory() {}

    /// Numbers that layers of a transformer keep for the backward pass, attention's own matrices
    /// included.
    ///
    /// @param depth how many layers
    /// @param tokens that go through them
    /// @param seen tokens that each of those looks at
    public static long kept(long depth, long width, long mlp, long heads, long tokens, long seen) {
        return depth * (tokens * (KEPT * width + 3 * mlp) + heads * tokens * seen * 2);
    }

    /// Bytes of weights, of gradients, two moments and an average of what is trained, and of what
    /// is kept for the backward pass.
    ///
    /// @param weights bytes of the frozen weights
    /// @param trained numbers that are trained
    /// @param kept numbers of the whole batch, of [#kept]
    public static long bytes(long weights, long trained, long kept) {
        return weights + FLOAT * (5 * trained + kept);
    }
}
