package dev.orrery.nn;

import dev.orrery.tensor.Tensor;
import java.util.List;

/// The turns of [Rotary] at given positions; without channels it changes nothing.
///
/// @param cos `(L, W/2)` or `(B, 1, L, W/2)`
/// @param sin as `cos`
/// @param layout which channels form a pair
public record Rotation(Tensor cos, Tensor sin, Rotary.Layout layout) {

    /// Turns queries or keys `(B, N, L, D)`.
    public Tensor apply(Tensor x) {
        long width = 2 * cos.size(-1), all = x.size(-1);
        if (width == all) return turned(x);
        if (width > all)
            throw new IllegalArgumentException(
                    "rotary width %d is more than the %d channels of a head".formatted(width, all));
        var rest = x.narrow(-1, width, all - width);
        return Tensor.cat(List.of(turned(x.narrow(-1, 0, width)), rest), -1);
    }

    /// Those of the last positions.
    public Rotation ofLast(long count) {
        long all = cos.size(-2);
        return count == all
                ? this
                : new Rotation(
                        cos.narrow(-2, all - count, count),
                        sin.narrow(-2, all - count, count),
                        layout);
    }

    private Tensor turned(Tensor x) {
        var c = cos.to(x.dtype());
        var s = sin.to(x.dtype());
        return switch (layout) {
            case HALVES -> {
                var halves = x.chunk(2, -1);
                var a = halves.getFirst();
                var b = halves.getLast();
                yield Tensor.cat(List.of(a.mul(c).sub(b.mul(s)), b.mul(c).add(a.mul(s))), -1);
            }
            case INTERLEAVED -> {
                var pairs = x.unflatten(-1, cos.size(-1), 2);
                var a = pairs.select(-1, 0);
                var b = pairs.select(-1, 1);
                yield Tensor.stack(List.of(a.mul(c).sub(b.mul(s)), b.mul(c).add(a.mul(s))), -1)
                        .flatten(-2, -1);
            }
        };
    }
}
