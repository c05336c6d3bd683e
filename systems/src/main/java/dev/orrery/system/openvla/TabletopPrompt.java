package dev.orrery.system.openvla;

import dev.orrery.data.text.PaddedTokens;
import dev.orrery.env.tabletop.Words;
import dev.orrery.policy.tabletop.Lexicon;

/// Instructions as the laptop's model reads them: word ids, padded on the left, so that the last
/// one is always a word and the action follows it.
final class TabletopPrompt {

    private TabletopPrompt() {}

    /// The words of an instruction; what is too long is cut with a warning.
    ///
    /// @throws IllegalArgumentException if it is empty or has more than 64 words
    static PaddedTokens tokens(String instruction, int length) {
        var words = Words.split(Lexicon.checked(instruction)).stream().mapToLong(Words::id);
        return PaddedTokens.onLeft(PaddedTokens.ofPrompt(words.toArray(), length).real(), length);
    }
}
