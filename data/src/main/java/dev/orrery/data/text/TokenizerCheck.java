package dev.orrery.data.text;

import dev.orrery.data.DatasetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Compares a tokenizer with what its reference made of the same texts.
///
/// The folder holds the tokenizer and an `expected.json`: `vocab_size`; `cases`, each with `text`,
/// `ids`, `ids_no_special`, `tokens`, `offsets`, `decoded`, `decoded_with_special`; possibly one
/// `pair` of texts with `ids` and `type_ids`, and `joins`, the `text` of any `ids`. Everything must
/// be equal. Texts are cut and padded where the `tokenizer.json` says so. `decoded` never shows
/// special tokens; Hugging Face's library 0.23 shows those that are marked as normalized and that
/// the normalizer changes, and differs there.
public final class TokenizerCheck {

    private final List<String> differences = new ArrayList<>();
    private int compared;

    private TokenizerCheck() {}

    /// The outcome.
    ///
    /// @param compared how many values were looked at
    /// @param differences one line a value that differs
    public record Result(int compared, List<String> differences) {

        /// Whether everything was equal.
        public boolean agrees() {
            return compared > 0 && differences.isEmpty();
        }
    }

    /// Compares everything in a folder.
    ///
    /// @throws DatasetException if a file is missing or damaged
    public static Result run(Path folder) {
        var expected = read(folder.resolve("expected.json"));
        var check = new TokenizerCheck();
        try (var tokenizer = Tokenizer.asWritten(folder)) {
            check.same("vocab_size", expected.path("vocab_size").asInt(), tokenizer.size());
            for (var test : expected.path("cases")) check.test(tokenizer, test);
            if (expected.has("pair")) check.pair(tokenizer, expected.get("pair"));
            for (var join : expected.path("joins")) check.join(tokenizer, join);
        }
        return new Result(check.compared, List.copyOf(check.differences));
    }

    private static JsonNode read(Path file) {
        if (!Files.isRegularFile(file)) throw DatasetException.at(file, "is missing");
        try {
            return new JsonMapper().readTree(file);
        } catch (JacksonException e) {
            throw DatasetException.at(file, "is not JSON", e);
        }
    }

    private void test(Tokenizer tokenizer, JsonNode test) {
        var text = test.path("text").asString();
        var ids = tokenizer.encodeWithSpecials(text).ids();
        var plain = tokenizer.encode(text);
        var where = "'%s' ".formatted(text);
        same(where + "ids", list(test.path("ids")), boxed(ids));
        same(where + "ids_no_special", list(test.path("ids_no_special")), boxed(plain.ids()));
        same(where + "tokens", texts(test.path("tokens")), plain.tokens());
        var spans = new ArrayList<Encoding.Span>();
        for (var span : test.path("offsets"))
            spans.add(new Encoding.Span(span.path(0).asInt(), span.path(1).asInt()));
        same(where + "offsets", spans, plain.spans());
        same(where + "decoded", test.path("decoded").asString(), tokenizer.decode(ids));
        same(
                where + "decoded_with_special",
                test.path("decoded_with_special").asString(),
                tokenizer.decodeWithSpecials(ids));
    }

    private void pair(Tokenizer tokenizer, JsonNode pair) {
        var got =
                tokenizer.encodeWithSpecials(pair.path("a").asString(), pair.path("b").asString());
        same("pair ids", list(pair.path("ids")), boxed(got.ids()));
        same("pair type_ids", list(pair.path("type_ids")), boxed(got.types()));
    }

    private void join(Tokenizer tokenizer, JsonNode join) {
        var ids = list(join.path("ids"));
        var got = tokenizer.decode(ids.stream().mapToLong(id -> id).toArray());
        same(ids + " joined", join.path("text").asString(), got);
    }

    private void same(String what, Object expected, Object got) {
        compared++;
        if (!expected.equals(got))
            differences.add("%s: %s instead of %s".formatted(what, got, expected));
    }

    private static List<Long> boxed(long[] values) {
        return LongStream.of(values).boxed().toList();
    }

    private static List<Long> list(JsonNode values) {
        return StreamSupport.stream(values.spliterator(), false).map(JsonNode::asLong).toList();
    }

    private static List<String> texts(JsonNode values) {
        return StreamSupport.stream(values.spliterator(), false).map(JsonNode::asString).toList();
    }
}
