package dev.orrery.vlm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// A `tokenizer.json` in which every word is a token.
public final class WordTokenizer {

    private WordTokenizer() {}

    /// @param words numbered from 0; the first stands for all that are unknown
    /// @param special tokens that are never cut, with their ids
    public static void write(Path folder, List<String> words, Map<String, Integer> special)
            throws IOException {
        var vocabulary = new LinkedHashMap<String, Integer>();
        for (var word : words) vocabulary.put(word, vocabulary.size());
        vocabulary.putAll(special);
        var added =
                special.entrySet().stream()
                        .map(e ->
                                """
                                {"id": %d, "content": "%s", "special": true, "single_word": false,
                                 "lstrip": false, "rstrip": false, "normalized": false}\
                                """
                                        .formatted(e.getValue(), e.getKey()))
                        .collect(Collectors.joining(", "));
        var ids =
                vocabulary.entrySet().stream()
                        .map(e -> "\"%s\": %d".formatted(e.getKey(), e.getValue()))
                        .collect(Collectors.joining(", "));
        Files.writeString(
                folder.resolve("tokenizer.json"),
                """
                {"version": "1.0", "truncation": null, "padding": null,
                 "added_tokens": [%s],
                 "normalizer": null, "pre_tokenizer": {"type": "Whitespace"},
                 "post_processor": null, "decoder": null,
                 "model": {"type": "WordLevel", "unk_token": "%s", "vocab": {%s}}}
                """
                        .formatted(added, words.getFirst(), ids));
    }
}
