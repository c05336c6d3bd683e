package dev.orrery.system.openvla;

import dev.orrery.lm.Trace;
import dev.orrery.lm.decoder.CausalLm;
import dev.orrery.lm.decoder.DecoderPass;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.util.List;

/// Prompts as a language model reads them.
///
/// @param tokens `(B, T, D)`
/// @param valid I64 `(B, T)`, zero at padding
record Embedded(Tensor tokens, Tensor valid) {

    /// What a language model makes of a prompt's last token and of what follows it: last hidden
    /// states `(B, 1 + M, D)`.
    ///
    /// @param after `(B, M, D)`
    /// @param slots how many tokens at the end see each other
    /// @param whole whether all tokens are asked for their last hidden states: `(B, T + M, D)`
    Tensor read(CausalLm lm, Tensor after, long slots, boolean whole, Trace trace) {
        var all = Tensor.cat(List.of(tokens, after), 1);
        var answered = Tensor.ones(DType.I64, after.size(0), after.size(1));
        var there = Tensor.cat(List.of(valid, answered), 1);
        var pass =
                DecoderPass.whole(all.size(1))
                        .at(there.cumsum(1).sub(1).clampMin(0))
                        .padded(there)
                        .slotted(slots)
                        .asking(whole ? 0 : 1 + after.size(1))
                        .shown(trace);
        return lm.model().forward(all, pass);
    }
}
