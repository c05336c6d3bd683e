package dev.orrery.system.pi0;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;

/// Who may attend to whom, and at which positions.
///
/// Tokens come in blocks: a flag of 1 starts a new one. A query sees a key when the key's block is
/// not later than its own and both are real tokens. With the flags of π0 there are three blocks:
/// the prefix, the state, the actions.
final class BlockMask {

    /// What forbidden attention logits get added. Finite, so that a row of padding stays a number.
    static final double FORBIDDEN = -1e9;

    private BlockMask() {}

    /// The permission matrix.
    ///
    /// @param real bool `(B, T)`, false for padding
    /// @param flags int64 `(T)`, 1 where a block starts
    /// @return bool `(B, T, T)`, queries first
    static Tensor allowed(Tensor real, Tensor flags) {
        var block = flags.cumsum(0);
        var order = block.unsqueeze(0).le(block.unsqueeze(1));
        return order.unsqueeze(0).logicalAnd(real.unsqueeze(1)).logicalAnd(real.unsqueeze(2));
    }

    /// Positions that padding does not advance: int64 `(B, T)`.
    static Tensor positions(Tensor real) {
        return real.to(DType.I64).cumsum(1).sub(1);
    }

    /// What to add to attention logits: 0 where allowed, [#FORBIDDEN] elsewhere.
    static Tensor additive(Tensor allowed) {
        return allowed.logicalNot().to(DType.F32).mul(FORBIDDEN);
    }
}
