package dev.orrery.lm;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Tensor;
import java.util.List;

/// Rotary positions, base 10 000, the halves of a head rotated against each other (not
/// interleaved).
///
/// Queries and keys meet in dot products only, so both may have their channels in another order.
/// [#pairs] puts those that turn together side by side, where one complex product turns them:
/// channel `2 i` of a head is the checkpoint's `i`, channel `2 i + 1` its `i + headDim / 2`.
///
/// @param turns cosine and sine `(B, T, 1, headDim / 2, 2)`
public record Rotary(Tensor turns) {

    private static final double BASE = 10_000;

    /// The rotations of `positions`.
    ///
    /// @param positions int64 `(B, T)`
    /// @param headDim channels of a head, even
    public static Rotary of(Tensor positions, int headDim) {
        int half = headDim / 2;
        var frequencies = new float[half];
        for (int i = 0; i < half; i++) {
            frequencies[i] = (float) Math.pow(BASE, -(double) i / half);
        }
        var angles =
                positions
                        .to(DType.F32)
                        .unsqueeze(-1)
                        .mul(Tensor.of(frequencies, half))
                        .unsqueeze(2);
        return new Rotary(Tensor.stack(List.of(angles.cos(), angles.sin()), -1));
    }

    /// The rotations of `length` positions from `start`.
    public Rotary narrow(long start, long length) {
        return new Rotary(turns.narrow(1, start, length));
    }

    /// The rows of a query or key matrix `(N * headDim, D)`, as checkpoints have them, in the order
    /// in which their products can be turned.
    static Tensor pairs(Tensor weight, int headDim) {
        return weight.view(-1, 2, headDim / 2, weight.size(1))
                .transpose(1, 2)
                .reshape(weight.size(0), weight.size(1));
    }

    /// Rotates every head of `x`.
    ///
    /// @param x `(B, T, N, headDim)`, projected by [#pairs]
    Tensor turn(Tensor x) {
        return Functional.rotatePairs(x, turns);
    }
}
