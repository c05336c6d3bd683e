package dev.orrery.data.text;

import java.util.List;

/// A text as tokens.
///
/// @param ids one a token
/// @param tokens as the vocabulary spells them
/// @param spans where in the text each token is from
/// @param types 0 for tokens of the first text, 1 for those of the second, where a model tells them
///   apart
public record Encoding(long[] ids, List<String> tokens, List<Span> spans, long[] types) {

    /// A stretch of a text, in Unicode code points.
    ///
    /// @param start of the first character
    /// @param end after the last one
    public record Span(int start, int end) {}

    public Encoding {
        tokens = List.copyOf(tokens);
        spans = List.copyOf(spans);
    }

    /// The number of tokens.
    public int length() {
        return ids.length;
    }
}
