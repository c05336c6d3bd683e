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
record Senses(int symbols, boolean binary, int pixels, int words, int[] choices, int speaks) {

    Senses {
        if (symbols == 0 && pixels == 0 && words == 0)
            throw new IllegalArgumentException(
                    "a world with neither symbols, pixels nor words; the model needs one of them");
    }

    /// Numbers in an action, the choices one-hot side by side.
    int actions() {
        return Arrays.stream(choices).sum();
    }

    /// The same without words.
    Senses deaf() {
        return new Senses(symbols, binary, pixels, 0, choices, speaks);
    }

    @Override
    public String toString() {
        return "symbols %d, pixels %d, words %d, actions %s"
                .formatted(symbols, pixels, words, Arrays.toString(choices));
    }
}
