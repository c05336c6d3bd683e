package dev.orrery.lm.decoder;

import dev.orrery.nn.Visibility;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;

/// Who sees whom in a decoder, as numbers that are added to scores.
///
/// What is hidden gets the least float, not minus infinity: a padded query that may see nothing
/// spreads over everything, as in the reference, instead of becoming NaN.
final class DecoderMask {

    private static final double HIDDEN = -Float.MAX_VALUE;

    private DecoderMask() {}

    /// @param length tokens T of this pass
    /// @param window how many tokens a token sees, 0 for all before it
    static Visibility of(DecoderPass pass, long length, int window) {
        long keys = pass.past() + length;
        boolean narrow = window > 0 && keys > window;
        boolean both = pass.prefix() > pass.past() + 1;
        boolean slotted = pass.slots() > 1;
        boolean joined = pass.joined().numel() > 0;
        if (!pass.padded() && !narrow && !both && !slotted && !joined) {
            return Visibility.causal();
        }
        var seen = allowed(length, keys, window);
        if (both) {
            var early = Tensor.arange(pass.past(), keys).lt(pass.prefix()).unsqueeze(1);
            var inside = Tensor.arange(keys).lt(pass.prefix()).unsqueeze(0);
            seen = seen.logicalOr(early.logicalAnd(inside));
        }
        if (joined) {
            var inside = pass.joined().to(DType.BOOL);
            var here = inside.narrow(1, pass.past(), length).unsqueeze(2);
            seen = seen.logicalOr(here.logicalAnd(inside.unsqueeze(1)).unsqueeze(1));
        }
        if (slotted) {
            long first = keys - pass.slots();
            var late = Tensor.arange(pass.past(), keys).ge(first).unsqueeze(1);
            seen = seen.logicalOr(late.logicalAnd(Tensor.arange(keys).ge(first).unsqueeze(0)));
        }
        if (pass.padded()) {
            var there = pass.valid().to(DType.BOOL).unsqueeze(1).unsqueeze(1);
            seen = seen.logicalAnd(there);
        }
        return Visibility.masked(added(seen));
    }

    /// `(T, keys)`: zero where the last T of `keys` tokens see themselves and those before.
    static Tensor causal(long length, long keys, int window) {
        return added(allowed(length, keys, window));
    }

    private static Tensor allowed(long length, long keys, int window) {
        var query = Tensor.arange(keys - length, keys).unsqueeze(1);
        var key = Tensor.arange(keys).unsqueeze(0);
        var before = key.le(query);
        return window > 0 ? before.logicalAnd(key.gt(query.sub(window))) : before;
    }

    private static Tensor added(Tensor seen) {
        return Tensor.where(seen, Tensor.scalar(0, DType.F32), Tensor.scalar(HIDDEN, DType.F32));
    }
}
