package dev.orrery.data.chat;

import dev.orrery.data.text.Encoding;
import java.util.List;

/// Messages as a model reads them.
///
/// @param text with special tokens spelled out
/// @param encoding its tokens, none added
/// @param warnings what looks wrong: a first token twice, or none where the model expects one
public record ChatPrompt(String text, Encoding encoding, List<String> warnings) {
    public ChatPrompt {
        warnings = List.copyOf(warnings);
    }
}
