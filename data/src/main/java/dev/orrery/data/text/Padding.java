package dev.orrery.data.text;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import tools.jackson.databind.JsonNode;

/// How the `padding` of a `tokenizer.json` lengthens a text's tokens.
///
/// @param length tokens at least, 0 where the file leaves a text as long as it is
/// @param multiple the number of tokens is raised to a multiple of it
/// @param left whether padding goes before the text
/// @param id the padding's token
/// @param type the padding's type, see [Encoding#types]
/// @param token as the file spells it
record Padding(int length, int multiple, boolean left, long id, long type, String token) {

    /// What a `tokenizer.json` says; empty if it does not pad.
    static Optional<Padding> of(JsonNode tokenizer) {
        var json = tokenizer.path("padding");
        if (!json.isObject()) return Optional.empty();
        return Optional.of(
                new Padding(
                        json.path("strategy").path("Fixed").asInt(0),
                        Math.max(1, json.path("pad_to_multiple_of").asInt(1)),
                        json.path("direction").asString("Right").equals("Left"),
                        json.path("pad_id").asLong(0),
                        json.path("pad_type_id").asLong(0),
                        json.path("pad_token").asString("[PAD]")));
    }

    /// The tokens with padding; those that are long enough as they are.
    Encoding pad(Encoding text) {
        int least = length == 0 ? text.length() : length;
        int missing = Math.ceilDiv(least, multiple) * multiple - text.length();
        if (missing <= 0) return text;
        return new Encoding(
                beside(text.ids(), id, missing),
                beside(text.tokens(), Collections.nCopies(missing, token)),
                beside(text.spans(), Collections.nCopies(missing, new Encoding.Span(0, 0))),
                beside(text.types(), type, missing));
    }

    private long[] beside(long[] values, long padding, int missing) {
        var pads = LongStream.generate(() -> padding).limit(missing);
        var real = LongStream.of(values);
        return (left ? LongStream.concat(pads, real) : LongStream.concat(real, pads)).toArray();
    }

    private <T> List<T> beside(List<T> values, List<T> padding) {
        var all = new ArrayList<>(left ? padding : values);
        all.addAll(left ? values : padding);
        return all;
    }
}
