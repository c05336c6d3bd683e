package dev.orrery.system.openvla;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.data.text.Tokenizer;
import dev.orrery.lm.PublicConfig;
import dev.orrery.policy.tabletop.Lexicon;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.LongStream;

/// The prompts of published OpenVLA models.
///
/// Source: openvla/openvla, `get_openvla_prompt`.
public enum OpenVlaPrompt {
    /// The models' own: a question after `In:`, an answer after `Out:`.
    PLAIN("In: What action should the robot take to %s?\nOut:"),
    /// Version 0.1, on Vicuna: a chat under a system prompt.
    V01(
            "A chat between a curious user and an artificial intelligence assistant. The assistant"
                    + " gives helpful, detailed, and polite answers to the user's questions. USER: What"
                    + " action should the robot take to %s? ASSISTANT:");

    /// The token that stands between the prompt and the actions in training: a space by itself, id
    /// 29871 in Llama's vocabulary.
    private static final String SPACE = "▁";

    private final String form;

    OpenVlaPrompt(String form) {
        this.form = form;
    }

    /// The prompt that a model of this name was trained with.
    static OpenVlaPrompt named(String model) {
        return model.contains("v01") ? V01 : PLAIN;
    }

    /// The key of `config.json` that names the form where the folder's name would mislead.
    /// Published models have none; merged ones have it, as they may be called anything.
    static final String KEY = "orrery_prompt";

    /// The prompt of a folder's model: what its `config.json` says, else by the folder's name.
    static OpenVlaPrompt of(Path folder, PublicConfig config) {
        var own = config.text(KEY, "");
        if (own.isEmpty()) return named(String.valueOf(folder.toAbsolutePath().getFileName()));
        return Arrays.stream(values())
                .filter(form -> form.name().equals(own))
                .findFirst()
                .orElseThrow(() ->
                        config.wrong(
                                KEY,
                                "is '%s', not one of %s"
                                        .formatted(own, Arrays.toString(values()))));
    }

    /// The text for an instruction.
    ///
    /// @throws IllegalArgumentException if the instruction is empty or has more than 64 words
    public String text(String instruction) {
        return form.formatted(Lexicon.checked(instruction).toLowerCase(Locale.ROOT));
    }

    /// The tokens for an instruction: a begin token, the text, and the lone space if the text does
    /// not end in it. Without that, every action token would stand where the space was in training.
    ///
    /// @param file what to name in errors
    /// @throws CheckpointException if the tokenizer has no lone space
    public long[] ids(Tokenizer tokenizer, String instruction, Path file) {
        long space =
                tokenizer
                        .id(SPACE)
                        .orElseThrow(() ->
                                new CheckpointException(
                                        file,
                                        SPACE,
                                        "is not in the vocabulary, but actions were trained to"
                                                + " follow it",
                                        "use the tokenizer that was published with the weights"));
        var text = tokenizer.encode(text(instruction)).ids();
        var begun = LongStream.concat(LongStream.of(tokenizer.begin()), Arrays.stream(text));
        boolean ends = text.length > 0 && text[text.length - 1] == space;
        return ends ? begun.toArray() : LongStream.concat(begun, LongStream.of(space)).toArray();
    }
}
