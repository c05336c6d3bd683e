package dev.orrery.data.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import dev.orrery.data.DatasetException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Cuts text into the tokens of a published model, and joins tokens to text.
///
/// Immutable, and may be used by several threads at once. Texts of any length are taken whole.
public final class Tokenizer implements AutoCloseable {

    /// The names under which a model's folder may hold its tokenizer, the first that exists counts.
    public static final List<String> FILES =
            List.of(
                    "tokenizer.json",
                    "tokenizer.model",
                    "paligemma_tokenizer.model",
                    "spiece.model",
                    "sentencepiece.bpe.model");

    private static final JsonMapper JSON = new JsonMapper();

    static final Map<String, String> WHOLE =
            Map.of("truncation", "DO_NOT_TRUNCATE", "padding", "DO_NOT_PAD");

    private final HuggingFaceTokenizer library;
    private final TokenJoiner joiner;
    private final Optional<Padding> padding;
    private final Map<String, Long> ids;
    private final int ownSize;
    private final SortedMap<Long, String> added;
    private final Set<Long> hidden;
    private final String wordEnd;
    private final boolean byteLevel;

    private Tokenizer(
            HuggingFaceTokenizer library,
            TokenJoiner joiner,
            Optional<Padding> padding,
            Map<String, Long> ids,
            int ownSize,
            SortedMap<Long, String> added,
            Set<Long> hidden,
            String wordEnd,
            boolean byteLevel) {
        this.library = library;
        this.joiner = joiner;
        this.padding = padding;
        this.ids = ids;
        this.ownSize = ownSize;
        this.added = added;
        this.hidden = hidden;
        this.wordEnd = wordEnd;
        this.byteLevel = byteLevel;
    }

    /// Opens a tokenizer.
    ///
    /// @param path a `tokenizer.json`, a SentencePiece model, or a folder that holds either
    /// @throws DatasetException if there is none, or it is damaged or of a kind that is not known
    public static Tokenizer open(Path path) {
        return open(path, false);
    }

    /// As [#open], but texts are cut and padded as a `tokenizer.json` says, which is how its own
    /// library reads it; most files say nothing.
    static Tokenizer asWritten(Path path) {
        return open(path, true);
    }

    private static Tokenizer open(Path path, boolean asWritten) {
        var file = find(path);
        if (!file.toString().endsWith(".json")) {
            return SentencePiece.read(file).tokenizer();
        }
        try {
            return of(file, Files.readString(file), Set.of(), asWritten);
        } catch (IOException e) {
            throw DatasetException.at(file, "cannot be read", e);
        }
    }

    private static Path find(Path path) {
        if (!Files.isDirectory(path)) {
            if (!Files.isRegularFile(path))
                throw DatasetException.at(path, "there is no such tokenizer file");
            return path;
        }
        return FILES.stream()
                .map(path::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .orElseThrow(() ->
                        DatasetException.at(
                                path,
                                "holds no tokenizer; copy the model's there, named %s"
                                        .formatted(String.join(" or ", FILES))));
    }

    /// Whether a folder holds a tokenizer that [#open] reads.
    public static boolean isIn(Path folder) {
        return FILES.stream().anyMatch(name -> Files.isRegularFile(folder.resolve(name)));
    }

    /// A tokenizer from the text of a `tokenizer.json`.
    ///
    /// @throws DatasetException if it is damaged or of a kind that is not known
    public static Tokenizer parse(String json) {
        return of(Path.of("tokenizer.json"), json, Set.of(), false);
    }

    /// As above.
    ///
    /// @param file what to name in errors
    /// @param hidden ids that are never text, besides those that the file marks as special
    /// @param asWritten whether to cut and pad as the file says
    static Tokenizer of(Path file, String text, Set<Long> hidden, boolean asWritten) {
        JsonNode json;
        try {
            json = JSON.readTree(text);
        } catch (JacksonException e) {
            throw DatasetException.at(file, "is not JSON", e);
        }
        if (!json.path("model").isObject())
            throw DatasetException.at(file, "is no tokenizer.json: it has no model");
        var specials = new HashSet<>(hidden);
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
        return new Tokenizer(
                library,
                TokenJoiner.of(file, json, library, ids),
                asWritten ? Padding.of(json) : Optional.empty(),
                ids,
                json.path("model").path("vocab").size(),
                Collections.unmodifiableSortedMap(added),
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

    /// The number of tokens, added ones included.
    public int size() {
        return ids.size();
    }

    /// The number of tokens of the vocabulary itself, which leaves out those that were added past
    /// its end, such as PaliGemma's `<image>`.
    public int ownSize() {
        return ownSize;
    }

    /// The id of a token as the vocabulary spells it.
    public OptionalLong id(String token) {
        var id = ids.get(token);
        return id == null ? OptionalLong.empty() : OptionalLong.of(id);
    }

    /// The tokens that were added to the vocabulary, special ones among them, by id.
    public SortedMap<Long, String> added() {
        return added;
    }

    /// Whether tokens are bytes, so that any text can be written.
    public boolean writesBytes() {
        return byteLevel;
    }

    /// What each token adds to a text, in UTF-8 bytes, by id: a part of a character in byte-level
    /// vocabularies, nothing for special tokens.
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

    /// The id of the token that starts a text, by the names that models give it.
    ///
    /// @throws DatasetException if there is none
    public long begin() {
        return named("a begin token", "<bos>", "<s>", "<|begin_of_text|>", "<|startoftext|>");
    }

    /// The id of the token that ends a text.
    ///
    /// @throws DatasetException if there is none
    public long end() {
        return named("an end token", "<eos>", "</s>", "<|end_of_text|>", "<|endoftext|>");
    }

    private long named(String what, String... names) {
        return Arrays.stream(names)
                .filter(ids::containsKey)
                .mapToLong(ids::get)
                .findFirst()
                .orElseThrow(() ->
                        new DatasetException(
                                "this tokenizer has no %s: none of %s is in its vocabulary"
                                        .formatted(what, List.of(names))));
    }

    /// The tokens of a text, none added.
    public Encoding encode(String text) {
        return encoding(library.encode(text, false, false));
    }

    /// The tokens of a text with those that the model adds around it.
    public Encoding encodeWithSpecials(String text) {
        return encoding(library.encode(text, true, false));
    }

    /// The tokens of two texts with those that the model adds around and between them. Spans count
    /// from the start of each text.
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

    /// The text of tokens; special ones are left out.
    public String decode(long... tokens) {
        return join(Arrays.stream(tokens).filter(id -> !hidden.contains(id)).toArray());
    }

    /// The text of tokens, special ones spelled out.
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
