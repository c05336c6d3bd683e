package dev.orrery.policy;

import dev.orrery.data.text.PaddedTokens;

/// How an instruction becomes what a network's language model reads.
@FunctionalInterface
public interface Wording {

    /// The tokens of an instruction.
    ///
    /// @param instruction what to do
    /// @param state the normalised state, without padding, for networks that are told it in words
    /// @throws IllegalArgumentException if the instruction is empty
    PaddedTokens tokens(String instruction, float[] state);
}
