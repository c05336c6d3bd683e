package dev.orrery.lm;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.util.List;

/// Rotary positions, base 10 000, the halves of a head rotated against each other (not
/// interleaved).
///
/// @param cos `(B, T, 1, headDim)`
/// @param sin `(B, T, 1, headDim)`, the first half negated
public record Rotary(Tensor cos, Tensor sin) {

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
        var cos = angles.cos();
        var sin = angles.sin();
        return new Rotary(
                Tensor.cat(List.of(cos, cos), -1), Tensor.cat(List.of(sin.neg(), sin), -1));
    }

    /// The rotations of `length` positions from `start`.
    public Rotary narrow(long start, long length) {
        return new Rotary(cos.narrow(1, start, length), sin.narrow(1, start, length));
    }

    /// Rotates every head of `x`.
    ///
    /// @param x `(B, T, N, headDim)`
    public Tensor turn(Tensor x) {
        long half = x.size(-1) / 2;
        var swapped = Tensor.cat(List.of(x.narrow(-1, half, half), x.narrow(-1, 0, half)), -1);
        return x.mul(cos).add(swapped.mul(sin));
    }
}
