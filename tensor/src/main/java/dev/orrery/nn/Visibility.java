package dev.orrery.nn;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;

/// Which keys a query may attend to.
public sealed interface Visibility {

    /// Every key.
    record Full() implements Visibility {}

    /// Keys up to the query's own position. With more keys than queries the queries are the last
    /// positions, as when earlier keys come from a cache.
    record Causal() implements Visibility {}

    /// @param mask BOOL, true where attention is allowed, or floating, added to the scores;
    ///   broadcastable to `(B, N, queries, keys)`
    record Masked(Tensor mask) implements Visibility {}

    /// What the last of the queries see.
    default Visibility ofLast(long queries) {
        return switch (this) {
            case Masked(var mask) when mask.rank() > 1 && mask.size(-2) > queries ->
                    new Masked(mask.narrow(-2, mask.size(-2) - queries, queries));
            default -> this;
        };
    }

    static Visibility full() {
        return new Full();
    }

    static Visibility causal() {
        return new Causal();
    }

    static Visibility masked(Tensor mask) {
        return new Masked(mask);
    }

    /// Every key of a sequence that is not padding.
    ///
    /// @param valid BOOL `(B, keys)`
    static Visibility unpadded(Tensor valid) {
        return new Masked(valid.to(DType.BOOL).unsqueeze(1).unsqueeze(1));
    }

    /// Causal, and no padding.
    ///
    /// @param valid BOOL `(B, keys)`, as many as queries
    static Visibility causalUnpadded(Tensor valid) {
        long length = valid.size(1);
        var lower = Tensor.ones(DType.BOOL, length, length).to(valid.device()).tril(0);
        return new Masked(valid.to(DType.BOOL).unsqueeze(1).unsqueeze(1).logicalAnd(lower));
    }

    /// Blocks in order: a query sees every block up to its own, and no padding. A block begins
    /// wherever `starts` is one; images and text of a π0 prefix are one block, its state the next.
    ///
    /// @param starts `(B, L)`, 1 where a token begins a new block, else 0
    /// @param valid BOOL `(B, L)`
    static Visibility blocks(Tensor starts, Tensor valid) {
        var block = starts.to(DType.I64).cumsum(1);
        var ordered = block.unsqueeze(1).le(block.unsqueeze(2));
        var real = valid.to(DType.BOOL);
        var both = real.unsqueeze(1).logicalAnd(real.unsqueeze(2));
        return new Masked(ordered.logicalAnd(both).unsqueeze(1));
    }
}
