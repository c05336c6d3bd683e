package dev.orrery.data.text;

import dev.orrery.data.DatasetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;

/// Cuts text into the tokens of a published model, and joins tokens to text.
///
/// Immutable, and may be used by several threads at once. Texts of any length are taken whole.
public abstract sealed class Tokenizer implements AutoCloseable
        permits LibraryTokenizer, SentencePieceTokenizer {

    /// The names under which a model's folder may hold its tokenizer, the first that exists counts.
    public static final List<String> FILES =
            List.of(
                    "tokenizer.json",
                    "tokenizer.model",
                    "paligemma_tokenizer.model",
                    "spiece.model",
                    "sentencepiece.bpe.model");

    final Map<String, Long> ids;
    private final int ownSize;
    private final SortedMap<Long, String> added;

    /// @param ids all tokens, added ones included
    /// @param ownSize tokens of the vocabulary itself
    /// @param added those that were added to the vocabulary
    Tokenizer(Map<String, Long> ids, int ownSize, SortedMap<Long, String> added) {
        this.ids = ids;
        this.ownSize = ownSize;
        this.added = Collections.unmodifiableSortedMap(added);
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
            return LibraryTokenizer.of(file, Files.readString(file), asWritten);
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
        return LibraryTokenizer.of(Path.of("tokenizer.json"), json, false);
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
    public abstract boolean writesBytes();

    /// What each token adds to a text, in UTF-8 bytes, by id: a part of a character in byte-level
    /// vocabularies, nothing for special tokens.
    public abstract byte[][] bytes();

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
    public abstract Encoding encode(String text);

    /// The tokens of a text with those that the model adds around it.
    public abstract Encoding encodeWithSpecials(String text);

    /// The tokens of two texts with those that the model adds around and between them. Spans count
    /// from the start of each text.
    public abstract Encoding encodeWithSpecials(String first, String second);

    /// The text of tokens; special ones are left out.
    public abstract String decode(long... tokens);

    /// The text of tokens, special ones spelled out.
    public abstract String decodeWithSpecials(long... tokens);

    @Override
    public abstract void close();
}
