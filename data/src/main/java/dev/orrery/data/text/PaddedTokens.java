package dev.orrery.data.text;

import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.stream.IntStream;

/// Token ids of a fixed length.
///
/// @param ids the tokens, then zeros; those of [#onLeft] the other way round
/// @param mask true where there is a token
/// @param cut how many tokens did not fit
public record PaddedTokens(long[] ids, boolean[] mask, int cut) {

    private static final System.Logger LOG = System.getLogger(PaddedTokens.class.getName());

    /// Pads on the right, or cuts what is too long.
    ///
    /// @param length of the result
    public static PaddedTokens of(long[] tokens, int length) {
        var mask = new boolean[length];
        Arrays.fill(mask, 0, Math.min(length, tokens.length), true);
        int cut = Math.max(0, tokens.length - length);
        return new PaddedTokens(Arrays.copyOf(tokens, length), mask, cut);
    }

    /// Pads on the left, or cuts what is too long.
    ///
    /// @param length of the result
    public static PaddedTokens onLeft(long[] tokens, int length) {
        var right = of(tokens, length);
        int there = Math.min(length, tokens.length), missing = length - there;
        var ids = new long[length];
        var mask = new boolean[length];
        System.arraycopy(right.ids, 0, ids, missing, there);
        Arrays.fill(mask, missing, length, true);
        return new PaddedTokens(ids, mask, right.cut);
    }

    /// The tokens without the padding.
    public long[] real() {
        return IntStream.range(0, ids.length).filter(i -> mask[i]).mapToLong(i -> ids[i]).toArray();
    }

    /// As [#of], with a warning when something is cut.
    public static PaddedTokens ofPrompt(long[] tokens, int length) {
        var padded = of(tokens, length);
        if (padded.cut > 0) {
            LOG.log(
                    Level.WARNING,
                    "the prompt has {0} tokens, the network reads {1}: the last {2} are cut;"
                            + " shorten the instruction",
                    tokens.length,
                    length,
                    padded.cut);
        }
        return padded;
    }
}
