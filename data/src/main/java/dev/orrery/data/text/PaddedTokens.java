package dev.orrery.data.text;

import java.lang.System.Logger.Level;
import java.util.Arrays;

/// Token ids of a fixed length.
///
/// @param ids the tokens, then zeros
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

    /// As [#of], with a warning when something is cut.
    public static PaddedTokens ofPrompt(long[] tokens, int length) {
        var padded = of(tokens, length);
        if (padded.cut > 0) {
            LOG.log(
                    Level.WARNING,
                    "the prompt has {0} tokens, the network reads {1}: the last {2} are cut; shorten the instruction",
                    tokens.length,
                    length,
                    padded.cut);
        }
        return padded;
    }
}
