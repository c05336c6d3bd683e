package dev.orrery.system.dynalang;

import java.util.Arrays;

/// What a world shows and what can be done in it: everything about it that a model's shape depends
/// on.
///
/// @param symbols numbers seen a step, 0 for none
/// @param binary whether they are truth values rather than quantities
/// @param pixels height and width of the picture seen a step, 0 for none
/// @param words size of the vocabulary, of which one word is read a step; 0 for none
/// @param choices ways to act, for each choice of an action
/// @param speaks which choice is a word that is said, -1 for none
/// @param besides words that reach the agent in another way than one a step through its model
record Senses(
        int symbols,
        boolean binary,
        int pixels,
        int words,
        int[] choices,
        int speaks,
        Besides besides) {

    /// Words that reach the agent otherwise.
    ///
    /// @param vocabulary number of words that there are, 0 if none reach it so
    /// @param manual words of all that was said that the world model sees at once; 0 if it sees
    ///   none and actor and critic listen
    record Besides(int vocabulary, int manual) {
        static final Besides NOTHING = new Besides(0, 0);

        /// Whether actor and critic listen by themselves.
        boolean listening() {
            return vocabulary > 0 && manual == 0;
        }
    }

    Senses {
        if (symbols == 0 && pixels == 0 && words == 0)
            throw new IllegalArgumentException(
                    "a world with neither symbols, pixels nor words; the model needs one of them");
    }

    /// Nothing but what is seen and, one a step, read.
    Senses(int symbols, boolean binary, int pixels, int words, int[] choices, int speaks) {
        this(symbols, binary, pixels, words, choices, speaks, Besides.NOTHING);
    }

    /// Whether the words of steps are worth keeping.
    boolean hears() {
        return words > 0 || besides.listening();
    }

    /// Numbers in an action, the choices one-hot side by side.
    int actions() {
        return Arrays.stream(choices).sum();
    }

    /// The same without words.
    Senses deaf() {
        return new Senses(symbols, binary, pixels, 0, choices, speaks, Besides.NOTHING);
    }

    @Override
    public String toString() {
        return "symbols %d, pixels %d, words %d, actions %s"
                .formatted(symbols, pixels, words, Arrays.toString(choices));
    }
}
