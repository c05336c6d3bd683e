package dev.orrery.policy.tabletop;

import dev.orrery.data.text.PaddedTokens;
import dev.orrery.env.tabletop.Words;
import dev.orrery.policy.StatePrompt;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// The words that a model of the tabletop reads and writes, one id each: those of [Words], then
/// what the model adds, then ids that no word has.
public final class Lexicon {

    private static final int MOST_WORDS = 64;

    private final int size;
    private final List<String> added;
    private final Map<String, Long> ids = new HashMap<>();

    private Lexicon(int size, List<String> added) {
        this.size = size;
        this.added = List.copyOf(added);
        for (var word : added) {
            boolean known = Words.id(word) != Words.UNKNOWN;
            if (known || !Words.split(word).equals(List.of(word)) || ids.containsKey(word)) {
                throw new IllegalArgumentException(
                        "the added word '%s' %s; add lower-case words of letters and digits, each once"
                                .formatted(
                                        word,
                                        known ? "is a word already" : "is not one plain word"));
            }
            ids.put(word, (long) Words.size() + ids.size());
        }
        if (used() > size) {
            throw new IllegalArgumentException(
                    "a vocabulary of %d ids cannot hold %d words; use %d or more"
                            .formatted(size, used(), used()));
        }
    }

    /// @param size ids V of the model
    /// @param added words beyond those of the tabletop, in the order of their ids
    /// @throws IllegalArgumentException if a word is known already or is not one word, or if there
    ///   are too many
    public static Lexicon of(int size, List<String> added) {
        return new Lexicon(size, added);
    }

    /// The words of the tabletop alone.
    public static Lexicon of(int size) {
        return of(size, List.of());
    }

    /// The number of ids V.
    public int size() {
        return size;
    }

    /// The number of ids that have a word.
    public int used() {
        return Words.size() + added.size();
    }

    /// The words beyond those of the tabletop.
    public List<String> added() {
        return added;
    }

    /// The id of a word, that of the unknown word if it has none.
    public long id(String word) {
        var own = ids.get(word);
        return own == null ? Words.id(word) : own;
    }

    /// The word of an id; `#500` where it has none.
    ///
    /// @throws IllegalArgumentException if there is no such id
    public String word(long id) {
        if (id < 0 || id >= size) {
            throw new IllegalArgumentException(
                    "word id %d is not in 0 to %d".formatted(id, size - 1));
        }
        if (id < Words.size()) return Words.word((int) id);
        return id < used() ? added.get((int) id - Words.size()) : "#" + id;
    }

    /// The ids of a text, without punctuation.
    public long[] ids(String text) {
        return Words.split(text).stream().mapToLong(this::id).toArray();
    }

    /// The text of ids, up to the first end token; padding is left out.
    public String text(long[] tokens) {
        return LongStream.of(tokens)
                .takeWhile(id -> id != Words.END)
                .filter(id -> id != Words.PAD)
                .mapToObj(this::word)
                .collect(Collectors.joining(" "));
    }

    /// The words of a text that this vocabulary lacks, each once.
    public List<String> unknown(String text) {
        return Words.split(text).stream().filter(w -> id(w) == Words.UNKNOWN).distinct().toList();
    }

    /// A prompt: the words and the token after which the answer begins, padded on the left; what is
    /// too long is cut with a warning.
    public PaddedTokens prompt(String text, int length) {
        var words = LongStream.of(PaddedTokens.ofPrompt(ids(text), length - 1).real());
        return PaddedTokens.onLeft(
                LongStream.concat(words, LongStream.of(Words.BEGIN)).toArray(), length);
    }

    /// An answer: the words and the end token.
    public long[] answer(String text) {
        return LongStream.concat(LongStream.of(ids(text)), LongStream.of(Words.END)).toArray();
    }

    /// An instruction, cleaned.
    ///
    /// @throws IllegalArgumentException if it is empty or has more than 64 words
    public static String checked(String instruction) {
        var text = StatePrompt.clean(instruction);
        long words = Stream.of(text.split("\\s+")).count();
        if (words > MOST_WORDS) {
            throw new IllegalArgumentException(
                    "the instruction has %d words, the most is %d; say what to do in one sentence"
                            .formatted(words, MOST_WORDS));
        }
        return text;
    }
}
