package dev.orrery.env.tabletop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The vocabulary of instructions, questions and answers: one id a word.
///
/// The order is fixed, because checkpoints depend on it; new words go to the end of the list. After
/// the words come [#BINS] location tokens, `<loc00>` to `<loc63>`, which name a place along one
/// axis of a picture.
public final class Words {

    /// Ids of the special tokens.
    public static final int PAD = 0, UNKNOWN = 1, BEGIN = 2, END = 3;

    /// Location tokens an axis.
    public static final int BINS = 64;

    private static final List<String> ALL =
            List.of(
                    ("<pad> <unknown> <begin> <end> the red blue green yellow cube disc star wedge"
                                    + " tray zone area button left right up down above below of"
                                    + " move go to reach press push and slide shove over into pick"
                                    + " lift grasp it put on place in set drop stack top take out"
                                    + " remove from off then all every block blocks sort swap"
                                    + " exchange places build tower empty clear turn point make"
                                    + " letter number arrow a b c e h t one two three four around"
                                    + " what where is are how many which colour shape there box"
                                    + " does show yes no zero five six seven eight nothing describe"
                                    + " scene table path for held gripper has sign pad with")
                            .split(" "));

    private static final Map<String, Integer> IDS = new HashMap<>();

    static {
        ALL.forEach(word -> IDS.put(word, IDS.size()));
        if (IDS.size() != ALL.size()) {
            throw new AssertionError("a word is listed twice");
        }
    }

    private Words() {}

    /// A text as ids of a fixed length.
    ///
    /// @param ids one id a word, then [#PAD]
    /// @param mask true where there is a word
    /// @param unknown the words that became [#UNKNOWN], in order
    /// @param cut how many words did not fit
    public record Tokens(long[] ids, boolean[] mask, List<String> unknown, int cut) {}

    /// The number of ids, location tokens included.
    public static int size() {
        return ALL.size() + BINS;
    }

    /// All words in the order of their ids, location tokens left out.
    public static List<String> all() {
        return ALL;
    }

    /// The words of a text, lower case, without punctuation. Location tokens stay whole.
    public static List<String> split(String text) {
        return Arrays.stream(text.toLowerCase(Locale.ROOT).split("[^a-z0-9<>]+"))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /// The id of a word, [#UNKNOWN] if it has none.
    public static int id(String word) {
        if (word.length() == 7 && word.startsWith("<loc") && word.endsWith(">")) {
            int bin = Integer.parseInt(word.substring(4, 6));
            return bin < BINS ? location(bin) : UNKNOWN;
        }
        return IDS.getOrDefault(word, UNKNOWN);
    }

    /// The id of a location token.
    public static int location(int bin) {
        return ALL.size() + Math.clamp(bin, 0, BINS - 1);
    }

    /// The location bin of a place along an axis, 0 to 1.
    public static int bin(float place) {
        return Math.clamp((int) (place * BINS), 0, BINS - 1);
    }

    /// The word of an id.
    ///
    /// @throws IllegalArgumentException if there is no such id
    public static String word(int id) {
        if (id < 0 || id >= size()) {
            throw new IllegalArgumentException(
                    "word id %d is not in 0 to %d".formatted(id, size() - 1));
        }
        return id < ALL.size() ? ALL.get(id) : "<loc%02d>".formatted(id - ALL.size());
    }

    /// A text as ids, padded or cut to `length`.
    public static Tokens tokens(String text, int length) {
        var words = split(text);
        var ids = new long[length];
        var mask = new boolean[length];
        var unknown = new ArrayList<String>();
        for (int i = 0; i < words.size(); i++) {
            int id = id(words.get(i));
            if (id == UNKNOWN) {
                unknown.add(words.get(i));
            }
            if (i < length) {
                ids[i] = id;
                mask[i] = true;
            }
        }
        return new Tokens(ids, mask, List.copyOf(unknown), Math.max(0, words.size() - length));
    }

    /// The words that a text uses and the vocabulary lacks, each once.
    public static List<String> unknown(String text) {
        var found = new LinkedHashSet<String>();
        for (var word : split(text)) {
            if (id(word) == UNKNOWN) {
                found.add(word);
            }
        }
        return List.copyOf(found);
    }

    /// The known word with the fewest letters to change.
    public static String nearest(String word) {
        var best = "";
        int least = Integer.MAX_VALUE;
        for (var known : ALL.subList(4, ALL.size())) {
            int changes = changes(word, known);
            if (changes < least) {
                least = changes;
                best = known;
            }
        }
        return best;
    }

    /// The fewest letters to insert, delete or replace between two words (Levenshtein).
    private static int changes(String a, String b) {
        var row = new int[b.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
