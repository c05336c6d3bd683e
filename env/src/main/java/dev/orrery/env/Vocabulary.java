package dev.orrery.env;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The words of a world and their numbers.
///
/// A sentence is cut at spaces; a comma, full stop or question mark is a word of its own. The first
/// three words are [#PAD] (nothing is said), [#END] (a sentence ends) and [#UNKNOWN]; a vocabulary
/// [#ofWords] has only silence for certain.
public final class Vocabulary {

    /// Number and name of silence, of the end of a sentence, and of every word that is not known.
    public static final int PAD = 0, END = 1, UNKNOWN = 2;

    private static final List<String> SPECIAL = List.of("<pad>", "</s>", "<unk>");

    private final List<String> words;
    private final Map<String, Integer> numbers = new LinkedHashMap<>();

    private Vocabulary(Collection<String> words) {
        this.words = List.copyOf(words);
        for (var word : this.words) {
            numbers.put(word, numbers.size());
        }
    }

    /// The words of these sentences after the three special ones, in the order in which they come.
    public static Vocabulary of(Collection<String> sentences) {
        var words = new LinkedHashSet<>(SPECIAL);
        for (var sentence : sentences) {
            words.addAll(split(sentence));
        }
        return new Vocabulary(words);
    }

    /// A vocabulary with exactly these words; the first is silence.
    ///
    /// @throws IllegalArgumentException if a word occurs twice
    public static Vocabulary ofWords(List<String> words) {
        if (new LinkedHashSet<>(words).size() != words.size()) {
            throw new IllegalArgumentException("a word occurs twice in " + words);
        }
        return new Vocabulary(words);
    }

    /// The words of a sentence.
    public static List<String> split(String sentence) {
        var words = new ArrayList<String>();
        for (var word : sentence.replaceAll("([,.?])", " $1 ").strip().split("\\s+")) {
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
        return words;
    }

    /// The number of words V.
    public int size() {
        return words.size();
    }

    /// All words, in the order of their numbers.
    public List<String> words() {
        return words;
    }

    /// The number of a word; that of `<unk>` for one that is not here.
    ///
    /// @throws IllegalArgumentException if neither is here
    public int id(String word) {
        var number = numbers.getOrDefault(word, numbers.get(SPECIAL.get(UNKNOWN)));
        if (number == null) {
            throw new IllegalArgumentException(
                    "'%s' is not one of the words %s".formatted(word, words));
        }
        return number;
    }

    /// The word of a number.
    ///
    /// @throws IllegalArgumentException if there is no such word
    public String word(int id) {
        if (id < 0 || id >= words.size()) {
            throw new IllegalArgumentException(
                    "token %d is out of range: the vocabulary has %d words"
                            .formatted(id, words.size()));
        }
        return words.get(id);
    }

    /// The numbers of a sentence's words, without an end.
    public int[] encode(String sentence) {
        return split(sentence).stream().mapToInt(this::id).toArray();
    }

    /// The words of these numbers, with spaces between.
    public String decode(int... ids) {
        return Arrays.stream(ids).mapToObj(this::word).collect(Collectors.joining(" "));
    }

    /// The words of a sentence that are not known.
    public List<String> unknown(String sentence) {
        return split(sentence).stream().filter(word -> !numbers.containsKey(word)).toList();
    }
}
