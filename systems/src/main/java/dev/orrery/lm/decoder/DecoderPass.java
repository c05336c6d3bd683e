package dev.orrery.lm.decoder;

import dev.orrery.lm.Trace;
import dev.orrery.nn.KvCache;
import dev.orrery.tensor.Tensor;
import java.util.List;

/// What a decoder is told about the tokens of one pass.
///
/// @param positions `(T)`, or `(B, T)` where rows differ, or `(axes, B, T)` where the model's
///   positions have several axes
/// @param valid I64 or BOOL `(B, past + T)`, zero where a token is padding; without elements if
///   there is none
/// @param prefix how many tokens at the start see each other both ways, as pictures and prompts of
///   vision-language models do
/// @param joined I64 or BOOL `(B, past + T)`, not zero where tokens see each other both ways
///   whatever stands between them, where that differs from row to row; without elements if nowhere
/// @param slots how many tokens at the end see each other both ways, besides all before them, as
///   those that are answered in one pass do
/// @param asked how many tokens at the end are asked for their last hidden states, 0 for all of
///   them: the last layer then takes only keys and values from the others
/// @param caches one a layer, to which these tokens are added; none if nothing is kept
/// @param trace what is shown on the way
public record DecoderPass(
        Tensor positions,
        Tensor valid,
        long prefix,
        Tensor joined,
        long slots,
        long asked,
        List<KvCache> caches,
        Trace trace) {

    public DecoderPass {
        caches = List.copyOf(caches);
    }

    /// Whole sequences of `length` tokens, no padding.
    public static DecoderPass whole(long length) {
        return new DecoderPass(
                Tensor.arange(length),
                Tensor.zeros(0),
                0,
                Tensor.zeros(0),
                0,
                0,
                List.of(),
                Trace.silent());
    }

    /// With padding.
    ///
    /// @param mask `(B, past + T)`, zero where a token is padding
    public DecoderPass padded(Tensor mask) {
        return new DecoderPass(positions, mask, prefix, joined, slots, asked, caches, trace);
    }

    /// With positions that may differ from row to row.
    public DecoderPass at(Tensor where) {
        return new DecoderPass(where, valid, prefix, joined, slots, asked, caches, trace);
    }

    /// Shown on the way.
    public DecoderPass shown(Trace shown) {
        return new DecoderPass(positions, valid, prefix, joined, slots, asked, caches, shown);
    }

    /// After what the caches hold, which these tokens join.
    public DecoderPass after(List<KvCache> past) {
        return new DecoderPass(positions, valid, prefix, joined, slots, asked, past, trace);
    }

    /// With so many tokens at the start that see each other both ways.
    public DecoderPass prefixed(long tokens) {
        return new DecoderPass(positions, valid, tokens, joined, slots, asked, caches, trace);
    }

    /// With tokens that see each other both ways, wherever they stand.
    ///
    /// @param both `(B, past + T)`, not zero at those tokens
    public DecoderPass joining(Tensor both) {
        return new DecoderPass(positions, valid, prefix, both, slots, asked, caches, trace);
    }

    /// With so many tokens at the end that see each other both ways.
    public DecoderPass slotted(long tokens) {
        return new DecoderPass(positions, valid, prefix, joined, tokens, asked, caches, trace);
    }

    /// That gives the last hidden states of so many tokens at the end only, which costs less.
    ///
    /// @param tokens 0 for all
    public DecoderPass asking(long tokens) {
        return new DecoderPass(positions, valid, prefix, joined, slots, tokens, caches, trace);
    }

    boolean padded() {
        return valid.numel() > 0;
    }

    long past() {
        return caches.isEmpty() ? 0 : caches.getFirst().length();
    }
}
