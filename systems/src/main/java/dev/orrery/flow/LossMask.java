package dev.orrery.flow;

import dev.orrery.tensor.Tensor;
import java.util.Arrays;

/// Which elements of a batch count in the loss: padding never should.
///
/// openpi averages over its zero-padded action dimensions ([#everything]), lerobot leaves them out
/// ([#dims], the house default where dimensions are padded).
public sealed interface LossMask {

    /// Every element counts.
    record Everything() implements LossMask {}

    /// Elements count by weight.
    ///
    /// @param weights not negative, broadcasting against the batch `(B, ...)`
    record Weighted(Tensor weights) implements LossMask {}

    static LossMask everything() {
        return new Everything();
    }

    /// Steps that are not padding.
    ///
    /// @param valid `(B, K)` booleans or 0 and 1, true where a step is real
    /// @param rank rank of the data, at least 2; trailing axes share their step's value
    /// @throws IllegalArgumentException if all steps are padding
    static LossMask steps(Tensor valid, int rank) {
        if (valid.rank() != 2 || rank < 2) {
            throw new IllegalArgumentException(
                    "a step mask is (B, K) over data of rank 2 or more, got shape %s over rank %d"
                            .formatted(Arrays.toString(valid.shape()), rank));
        }
        var shape = new long[rank];
        Arrays.fill(shape, 1);
        shape[0] = valid.size(0);
        shape[1] = valid.size(1);
        return weighted(valid.reshape(shape));
    }

    /// The first `valid` of `total` entries of the last axis.
    static LossMask dims(int valid, int total) {
        if (valid < 1 || valid > total) {
            throw new IllegalArgumentException(
                    "%d valid dimensions of %d; use 1 to %d".formatted(valid, total, total));
        }
        var weights = new float[total];
        Arrays.fill(weights, 0, valid, 1);
        return valid == total ? everything() : weighted(Tensor.of(weights, total));
    }

    /// Both masks: an element counts where it counts in each.
    default LossMask and(LossMask other) {
        return switch (this) {
            case Everything() -> other;
            case Weighted(var mine) ->
                    switch (other) {
                        case Everything() -> this;
                        case Weighted(var theirs) -> weighted(mine.mul(theirs));
                    };
        };
    }

    /// The weighted mean of elementwise errors, a scalar.
    default Tensor mean(Tensor errors) {
        return switch (this) {
            case Everything() -> errors.mean();
            case Weighted(var weights) -> {
                var spread = weights.to(errors.dtype()).expandAs(errors);
                yield errors.mul(spread).sum().div(spread.sum());
            }
        };
    }

    /// The weighted mean within each sample, `(B)`; a sample that is all padding counts as zero.
    default Tensor perSample(Tensor errors) {
        var flat = errors.reshape(errors.size(0), -1);
        return switch (this) {
            case Everything() -> flat.mean(1);
            case Weighted(var weights) -> {
                var spread = weights.to(errors.dtype()).expandAs(errors).reshape(flat.shape());
                yield flat.mul(spread).sum(1).div(spread.sum(1).clampMin(1e-12));
            }
        };
    }

    private static LossMask weighted(Tensor weights) {
        if (weights.countNonzero().item() == 0) {
            throw new IllegalArgumentException(
                    "the loss mask of shape %s is all zero, so there is nothing to learn from; "
                                    .formatted(Arrays.toString(weights.shape()))
                            + "check which way round the padding flags are (true must mean real)");
        }
        return new Weighted(weights);
    }
}
