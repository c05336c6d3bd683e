package dev.orrery.policy;

import dev.orrery.data.text.PaddedTokens;
import dev.orrery.data.text.Tokenizer;
import java.util.stream.LongStream;

/// The prompts of the published π0 family, in PaliGemma's tokens.
///
/// Source: openpi's tokenizers.
public final class PaligemmaPrompt implements Wording {

    private enum Form {
        PI0,
        PI05,
        FAST
    }

    private final Tokenizer tokenizer;
    private final Form form;
    private final int length;

    private PaligemmaPrompt(Tokenizer tokenizer, Form form, int length) {
        this.tokenizer = tokenizer;
        this.form = form;
        this.length = length;
    }

    /// π0's: a begin token, the cleaned instruction, and a newline by itself.
    ///
    /// @param length of the result, 48 in the published networks
    public static PaligemmaPrompt pi0(Tokenizer tokenizer, int length) {
        return new PaligemmaPrompt(tokenizer, Form.PI0, length);
    }

    /// π0.5's: a begin token, then the instruction with the state in 256 bins, see [StatePrompt].
    ///
    /// @param length of the result, 200 in the published networks
    public static PaligemmaPrompt pi05(Tokenizer tokenizer, int length) {
        return new PaligemmaPrompt(tokenizer, Form.PI05, length);
    }

    /// π0-FAST's, as LeRobot writes it: as π0.5's without `Action: `, which the network writes
    /// itself. openpi turns the instruction to lower case.
    ///
    /// @param length of the result, 200 in the published networks
    public static PaligemmaPrompt fast(Tokenizer tokenizer, int length) {
        return new PaligemmaPrompt(tokenizer, Form.FAST, length);
    }

    @Override
    public PaddedTokens tokens(String instruction, float[] state) {
        var ids =
                switch (form) {
                    case PI0 ->
                            LongStream.concat(encode(StatePrompt.clean(instruction)), encode("\n"));
                    case PI05 -> encode(StatePrompt.of(instruction, state));
                    case FAST -> encode(StatePrompt.task(instruction, state));
                };
        var begun = LongStream.concat(LongStream.of(tokenizer.begin()), ids);
        return PaddedTokens.ofPrompt(begun.toArray(), length);
    }

    private LongStream encode(String text) {
        return LongStream.of(tokenizer.encode(text).ids());
    }
}
