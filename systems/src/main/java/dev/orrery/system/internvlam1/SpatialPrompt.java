package dev.orrery.system.internvlam1;

import dev.orrery.data.chat.ChatMessage;
import dev.orrery.data.chat.ChatMessage.Part;
import dev.orrery.data.chat.ChatOptions;
import dev.orrery.data.chat.ChatTemplate;
import dev.orrery.data.text.Tokenizer;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/// What the vision-language model is asked besides the task, so that its hidden states say where
/// the things are; nothing is decoded. Source: arXiv:2510.13778 section 3.
///
/// @param form with `{instruction}` where the task goes
record SpatialPrompt(String form) {

    private static final String PLACE = "{instruction}";

    /// What templates are told of the time, which those of this model do not ask for.
    private static final LocalDateTime NOW = LocalDateTime.of(2025, 1, 1, 0, 0);

    /// The published one.
    static final SpatialPrompt PAPER =
            new SpatialPrompt(
                    "Your task is {instruction}. To identify the key objects for your task. Locate"
                            + " their bounding boxes in [x1,y1,x2,y2] format.");

    /// The published one in the words of the tabletop, which has no punctuation.
    static final SpatialPrompt TABLETOP =
            new SpatialPrompt(
                    "your task is {instruction} to identify the key objects for your task locate"
                            + " their bounding boxes");

    /// The words of it that the tabletop's vocabulary lacks.
    static final List<String> TABLETOP_WORDS =
            List.of(
                    "your",
                    "task",
                    "identify",
                    "key",
                    "objects",
                    "locate",
                    "their",
                    "bounding",
                    "boxes");

    /// The task alone, as the paper's vanilla baseline is told it.
    static final SpatialPrompt NONE = new SpatialPrompt(PLACE);

    SpatialPrompt {
        if (!form.contains(PLACE)) {
            throw new IllegalArgumentException(
                    "internvla-m1: the prompt '%s' has no %s; write where the task goes"
                            .formatted(form, PLACE));
        }
    }

    /// The prompt for a task, in lower case as in the published code.
    ///
    /// @throws IllegalArgumentException if the instruction is empty
    String text(String instruction) {
        if (instruction.isBlank()) {
            throw new IllegalArgumentException(
                    "internvla-m1: the instruction is empty; say what to do");
        }
        return form.replace(PLACE, instruction.strip().toLowerCase(Locale.ROOT));
    }

    /// The tokens of a chat that shows pictures and asks for a task.
    ///
    /// @param mark the id of a picture's token
    /// @param tokens how many tokens each picture makes
    long[] ids(
            String instruction,
            ChatTemplate template,
            Tokenizer tokenizer,
            long mark,
            List<Integer> tokens) {
        var parts = new ArrayList<Part>();
        tokens.forEach(_ -> parts.add(new Part.Picture()));
        parts.add(new Part.Text(text(instruction)));
        var message = ChatMessage.user(parts.toArray(Part[]::new));
        var text = template.render(List.of(message), ChatOptions.forReply(NOW)).text();
        var ids = tokenizer.encode(text).ids();
        long marks = Arrays.stream(ids).filter(id -> id == mark).count();
        if (marks != tokens.size()) {
            throw new IllegalArgumentException(
                    "internvla-m1: the chat template leaves %d places for %d pictures; use the template, tokenizer and config.json of the same Qwen2.5-VL"
                            .formatted(marks, tokens.size()));
        }
        var pictures = tokens.iterator();
        return Arrays.stream(ids)
                .flatMap(id ->
                        id == mark
                                ? LongStream.generate(() -> mark).limit(pictures.next())
                                : LongStream.of(id))
                .toArray();
    }
}
