package dev.orrery.data.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Joins tokens to text, added tokens spelled as the normalizer leaves them: where it puts a "▁"
/// before every word, an added `red` is joined as `▁red`, with its space.
///
/// Hugging Face's library does so since 0.23; the one that is used here does not by itself.
final class TokenJoiner implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();

    private final HuggingFaceTokenizer library;
    private final Map<Long, Long> spelled;

    private TokenJoiner(HuggingFaceTokenizer library, Map<Long, Long> spelled) {
        this.library = library;
        this.spelled = spelled;
    }

    /// How the tokens of a `tokenizer.json` are joined.
    ///
    /// @param library the tokenizer itself
    /// @param ids its tokens
    static TokenJoiner of(
            Path file, JsonNode json, HuggingFaceTokenizer library, Map<String, Long> ids) {
        var forms = forms(file, json);
        if (forms.isEmpty()) return new TokenJoiner(library, Map.of());
        var joining = (ObjectNode) json.deepCopy();
        long next = ids.values().stream().mapToLong(i -> i).max().orElse(-1) + 1;
        for (var form : forms.values()) {
            if (!ids.containsKey(form))
                joining.withArray("added_tokens")
                        .addObject()
                        .put("id", next++)
                        .put("content", form)
                        .put("single_word", false)
                        .put("lstrip", false)
                        .put("rstrip", false)
                        .put("normalized", false)
                        .put("special", false);
        }
        var joiner = LibraryTokenizer.library(file, joining.toString(), LibraryTokenizer.WHOLE);
        var spelled = new HashMap<Long, Long>();
        forms.forEach((id, form) -> {
            var known = ids.get(form);
            spelled.put(id, known != null ? known : joiner.encode(form, false, false).getIds()[0]);
        });
        return new TokenJoiner(joiner, Map.copyOf(spelled));
    }

    /// What the normalizer makes of the added tokens that it changes, by id.
    private static Map<Long, String> forms(Path file, JsonNode json) {
        var forms = new HashMap<Long, String>();
        var normalized =
                json.path("added_tokens")
                        .valueStream()
                        .filter(token -> token.path("normalized").asBoolean(true))
                        .toList();
        if (normalized.isEmpty() || !json.path("normalizer").isObject()) return forms;
        try (var normalizer =
                LibraryTokenizer.library(file, spelling(json), LibraryTokenizer.WHOLE)) {
            for (var token : normalized) {
                var content = token.path("content").asString();
                var bytes = normalizer.encode(content, false, false).getIds();
                var form = normalizer.decode(bytes, false);
                if (!form.isEmpty() && !form.equals(content))
                    forms.put(token.path("id").asLong(), form);
            }
        }
        return forms;
    }

    /// A tokenizer of the same normalizer whose tokens are single bytes, so that its decoded text
    /// is the normalized one.
    private static String spelling(JsonNode json) {
        var bytes = JSON.createObjectNode();
        bytes.put("version", "1.0");
        bytes.set("normalizer", json.path("normalizer"));
        bytes.putArray("added_tokens");
        bytes.putObject("decoder").put("type", "ByteFallback");
        var model = bytes.putObject("model").put("type", "BPE").put("byte_fallback", true);
        model.putArray("merges");
        var vocab = model.putObject("vocab");
        for (int b = 0; b < 256; b++) vocab.put("<0x%02X>".formatted(b), b);
        return bytes.toString();
    }

    /// The text of tokens.
    String join(long[] tokens) {
        var parts = Arrays.stream(tokens).map(id -> spelled.getOrDefault(id, id)).toArray();
        return library.decode(parts, false);
    }

    @Override
    public void close() {
        library.close();
    }
}
