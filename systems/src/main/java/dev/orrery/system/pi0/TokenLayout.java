package dev.orrery.system.pi0;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/// Who sees whom among all tokens of one pass, and where they stand.
///
/// @param allowed bool `(B, T, T)`
/// @param positions int64 `(B, T)`
record TokenLayout(Tensor allowed, Tensor positions) {

    /// The layout of a prefix and of tokens of the expert behind it, none of them padding.
    ///
    /// @param prefixReal bool `(B, S)`, false where the prefix is padding
    /// @param suffix tokens of the expert
    /// @param state whether the first of them is the state's
    static TokenLayout of(Tensor prefixReal, int suffix, boolean state, Pi0.Visibility visibility) {
        int start = (int) prefixReal.size(1), total = start + suffix;
        var flags = new long[total];
        switch (visibility) {
            case BLOCKWISE -> {
                flags[start] = 1;
                if (state) flags[start + 1] = 1;
            }
            case CAUSAL -> Arrays.fill(flags, 1);
            case LEAK -> {}
        }
        var own = Tensor.ones(DType.BOOL, prefixReal.size(0), suffix);
        var real = Tensor.cat(List.of(prefixReal, own), 1);
        return new TokenLayout(
                BlockMask.allowed(real, Tensor.of(flags, total)), BlockMask.positions(real));
    }
}
