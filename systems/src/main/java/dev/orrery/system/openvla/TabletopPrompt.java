package dev.orrery.system.openvla;

import dev.orrery.data.text.PaddedTokens;
import dev.orrery.env.tabletop.Words;
import dev.orrery.policy.StatePrompt;

/// Instructions as the laptop's model reads them: word ids, padded on the left, so that the last
/// one is always a word and the action follows it.
final class TabletopPrompt {

    private static final int MOST_WORDS = 64;

    private TabletopPrompt() {}

    /// The instruction, cleaned.
    ///
    /// @throws IllegalArgumentException if it is empty or has more than 64 words
    static String checked(String instruction) {
        var text = StatePrompt.clean(instruction);
        int words = text.split("\\s+").length;
        if (words > MOST_WORDS) {
            throw new IllegalArgumentException(
                    "the instruction has %d words, the most is %d; say what to do in one sentence"
                            .formatted(words, MOST_WORDS));
        }
        return text;
    }

    /// The words of an instruction; what is too long is cut with a warning.
    ///
    /// @throws IllegalArgumentException as [#checked]
    static PaddedTokens tokens(String instruction, int length) {
        var words = Words.split(checked(instruction)).stream().mapToLong(Words::id).toArray();
        var right = PaddedTokens.ofPrompt(words, length);
        int there = Math.min(words.length, length), missing = length - there;
        var ids = new long[length];
        var mask = new boolean[length];
        System.arraycopy(right.ids(), 0, ids, missing, there);
        System.arraycopy(right.mask(), 0, mask, missing, there);
        return new PaddedTokens(ids, mask, right.cut());
    }
}
