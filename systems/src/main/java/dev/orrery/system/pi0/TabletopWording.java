package dev.orrery.system.pi0;

import dev.orrery.data.text.PaddedTokens;
import dev.orrery.env.tabletop.Words;
import dev.orrery.policy.StatePrompt;
import dev.orrery.policy.Wording;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// The tabletop's word-level prompts.
///
/// For π0.5 a location word a state value comes first, its bin over [-1, 1]: the tabletop's
/// vocabulary has no numbers, and what stands last is cut when a text is too long.
///
/// @param length tokens of a prompt
/// @param state whether the state is told
record TabletopWording(int length, boolean state) implements Wording {

    static TabletopWording of(Pi0Config.Model model) {
        return new TabletopWording(model.io().textTokens(), model.variant() == Pi0Variant.PI05);
    }

    @Override
    public PaddedTokens tokens(String instruction, float[] felt) {
        var text = StatePrompt.clean(instruction);
        var words = Words.split(text).stream().mapToLong(Words::id);
        var told =
                state
                        ? IntStream.range(0, felt.length).mapToLong(i -> bin(felt[i]))
                        : LongStream.empty();
        return PaddedTokens.of(LongStream.concat(told, words).toArray(), length);
    }

    private static long bin(float value) {
        return Words.location((int) Math.floor((value + 1) / 2 * Words.BINS));
    }
}
