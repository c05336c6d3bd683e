package dev.orrery.data.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import dev.orrery.data.DatasetException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A `tokenizer.json`, run by Hugging Face's library.
final class LibraryTokenizer extends Tokenizer {

    private static final JsonMapper JSON = new JsonMapper();

    static final Map<String, String> WHOLE =
            Map.of("truncation", "DO_NOT_TRUNCATE", "padding", "DO_NOT_PAD");

    private final HuggingFaceTokenizer library;
    private final TokenJoiner joiner;
    private final Optional<Padding> padding;
    private final Set<Long> hidden;
    private final String wordEnd;
    private final boolean byteLevel;

    private LibraryTokenizer(
            HuggingFaceTokenizer library,
            TokenJoiner joiner,
            Optional<Padding> padding,
            Map<String, Long> ids,
            int ownSize,
            SortedMap<Long, String> added,
            Set<Long> hidden,
            String wordEnd,
            boolean byteLevel) {
        super(ids, ownSize, added);
        this.library = library;
        this.joiner = joiner;
        this.padding = padding;
        this.hidden = hidden;
        this.wordEnd = wordEnd;
        this.byteLevel = byteLevel;
    }

    /// Opens the text of a `tokenizer.json`.
    ///
    /// @param file what to name in errors
    /// @param asWritten whether to cut and pad as the file says
    /// @throws DatasetException if it is damaged or of a kind that is not known
    static LibraryTokenizer of(Path file, String text, boolean asWritten) {
        JsonNode json;
        try {
            json = JSON.readTree(text);
        } catch (JacksonException e) {
            throw DatasetException.at(file, "is not JSON", e);
        }
        if (!json.path("model").isObject())
            throw DatasetException.at(file, "is no tokenizer.json: it has no model");
        var specials = new HashSet<Long>();
        var added = new TreeMap<Long, String>();
        for (var token : json.path("added_tokens")) {
            added.put(token.path("id").asLong(), token.path("content").asString());
            if (token.path("special").asBoolean(false)) specials.add(token.path("id").asLong());
        }
        // the suffix marks ends of words in the vocabulary; decoding leaves it in the text
        var wordEnd = json.path("model").path("end_of_word_suffix").asString("");
        var byteLevel = json.path("decoder").path("type").asString("").equals("ByteLevel");
        var ids = ids(json);
        var library = library(file, text, asWritten ? cuts(json) : WHOLE);
        return new LibraryTokenizer(
                library,
                TokenJoiner.of(file, json, library, ids),
                asWritten ? Padding.of(json) : Optional.empty(),
                ids,
                json.path("model").path("vocab").size(),
                added,
                Set.copyOf(specials),
                wordEnd,
                byteLevel);
    }

    /// The file's own truncation, whose strategy the library forgets unless told.
    private static Map<String, String> cuts(JsonNode json) {
        var strategy =
                switch (json.path("truncation").path("strategy").asString("")) {
                    case "" -> "DO_NOT_TRUNCATE";
                    case "OnlyFirst" -> "ONLY_FIRST";
                    case "OnlySecond" -> "ONLY_SECOND";
                    default -> "LONGEST_FIRST";
                };
        return Map.of("truncation", strategy, "padding", "DO_NOT_PAD");
    }

    static HuggingFaceTokenizer library(Path file, String text, Map<String, String> options) {
        // the library asks the network who runs it, and looks for a GPU, unless told otherwise
        for (var quiet : List.of("ai.djl.offline", "OPT_OUT_TRACKING"))
            if (System.getProperty(quiet) == null) System.setProperty(quiet, "true");
        if (System.getProperty("RUST_FLAVOR") == null) System.setProperty("RUST_FLAVOR", "cpu");
        try {
            return HuggingFaceTokenizer.newInstance(
                    new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), options);
        } catch (IOException | RuntimeException e) {
            throw DatasetException.at(file, "is not a tokenizer that the library reads", e);
        }
    }

    private static Map<String, Long> ids(JsonNode json) {
        var ids = new HashMap<String, Long>();
        var vocab = json.path("model").path("vocab");
        if (vocab.isArray()) {
            for (var piece : vocab) ids.put(piece.path(0).asString(), (long) ids.size());
        } else {
            vocab.properties().forEach(e -> ids.put(e.getKey(), e.getValue().asLong()));
        }
        for (var token : json.path("added_tokens"))
            ids.put(token.path("content").asString(), token.path("id").asLong());
        return Map.copyOf(ids);
    }

    @Override
    public boolean writesBytes() {
        return byteLevel;
    }

    @Override
    public byte[][] bytes() {
        var all = new byte[(int) (ids.values().stream().mapToLong(i -> i).max().orElse(-1) + 1)][];
        Arrays.fill(all, new byte[0]);
        ids.forEach((token, id) -> {
            if (hidden.contains(id)) return;
            all[id.intValue()] =
                    byteLevel ? ByteAlphabet.bytes(token) : token.getBytes(StandardCharsets.UTF_8);
        });
        return all;
    }

    @Override
    public Encoding encode(String text) {
        return encoding(library.encode(text, false, false));
    }

    @Override
    public Encoding encodeWithSpecials(String text) {
        return encoding(library.encode(text, true, false));
    }

    @Override
    public Encoding encodeWithSpecials(String first, String second) {
        return encoding(library.encode(first, second, true, false));
    }

    private Encoding encoding(ai.djl.huggingface.tokenizers.Encoding encoding) {
        var spans = new ArrayList<Encoding.Span>();
        for (CharSpan span : encoding.getCharTokenSpans())
            spans.add(
                    span == null
                            ? new Encoding.Span(0, 0)
                            : new Encoding.Span(span.getStart(), span.getEnd()));
        var whole =
                new Encoding(
                        encoding.getIds(),
                        Arrays.asList(encoding.getTokens()),
                        spans,
                        encoding.getTypeIds());
        return padding.map(p -> p.pad(whole)).orElse(whole);
    }

    @Override
    public String decode(long... tokens) {
        return join(Arrays.stream(tokens).filter(id -> !hidden.contains(id)).toArray());
    }

    @Override
    public String decodeWithSpecials(long... tokens) {
        return join(tokens);
    }

    private String join(long[] tokens) {
        var text = joiner.join(tokens);
        return wordEnd.isEmpty() ? text : text.replace(wordEnd, " ").strip();
    }

    @Override
    public void close() {
        joiner.close();
        library.close();
    }
}
