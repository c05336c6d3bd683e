package dev.orrery.system.rt2;

import dev.orrery.policy.ActionTokenizer;
import dev.orrery.policy.ActionTokenizer.Mode;
import dev.orrery.policy.ActionVocabulary;
import dev.orrery.policy.SpreadBins;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;

/// Which tokens of a vocabulary stand for the integers 0 to 255.
///
/// Each must be one token and come back as the integer that it was. All 256 are tried when the
/// tokens are chosen, so no model is built on others.
final class IntegerTokens {

    private static final int SHOWN = 5;

    private final ActionTokenizer tokens;

    /// How a vocabulary writes and reads texts.
    interface Speller {
        /// The ids of a text.
        long[] write(String text);

        /// The text of an id.
        String read(long id);
    }

    private IntegerTokens(ActionTokenizer tokens) {
        this.tokens = tokens;
    }

    /// The vocabulary's own words for integers, as PaLI-X.
    ///
    /// @param size ids of the vocabulary
    /// @throws IllegalArgumentException if an integer is no token of its own; the message shows how
    ///   it splits
    static IntegerTokens words(Speller speller, long size) {
        var ids = new ArrayList<Long>();
        var wrong = new ArrayList<String>();
        for (int integer = 0; integer < ActionBins.COUNT; integer++) {
            var text = Integer.toString(integer);
            var found = speller.write(text);
            if (found.length != 1 || !speller.read(found[0]).strip().equals(text)) {
                wrong.add("'%s' is %s".formatted(text, said(speller, found)));
            } else {
                ids.add(found[0]);
            }
        }
        if (!wrong.isEmpty() || ids.stream().distinct().count() < ids.size()) {
            throw new IllegalArgumentException(
                    "integer tokens: %d of %d integers are no tokens of their own: %s; use a vocabulary that has them, or OVERWRITE_LEAST_USED"
                            .formatted(
                                    wrong.size(),
                                    ActionBins.COUNT,
                                    wrong.stream().limit(SHOWN).toList()));
        }
        var vocabulary = new ActionVocabulary(size, new TreeMap<>(), Map.of(), ids);
        return new IntegerTokens(
                ActionTokenizer.of(Mode.NUMBER_WORDS, vocabulary, ActionBins.COUNT));
    }

    private static List<String> said(Speller speller, long[] ids) {
        return Arrays.stream(ids).mapToObj(speller::read).toList();
    }

    /// The ids that a corpus uses least, as PaLM-E.
    ///
    /// @param kept ids that are not overwritten, with what they mean
    /// @param counts how often the corpus uses each id
    /// @throws IllegalArgumentException if the vocabulary cannot spare 256
    static IntegerTokens leastUsed(
            long size, SortedMap<Long, String> kept, Map<Long, Long> counts) {
        var vocabulary = new ActionVocabulary(size, kept, counts, List.of());
        return new IntegerTokens(ActionTokenizer.of(Mode.LEAST_USED, vocabulary, ActionBins.COUNT));
    }

    /// Tokens whose ids were chosen before and kept with a model's weights.
    ///
    /// @param ids of the integers from 0 on
    /// @throws IllegalArgumentException if there are not 256 different ones below the size
    static IntegerTokens stored(Mode mode, long size, long[] ids) {
        if (ids.length != ActionBins.COUNT) {
            throw new IllegalArgumentException(
                    "integer tokens: %d stored ids; there must be %d"
                            .formatted(ids.length, ActionBins.COUNT));
        }
        var vocabulary = ActionVocabulary.of(size, new TreeMap<>());
        return new IntegerTokens(ActionTokenizer.stored(mode, vocabulary, ids));
    }

    /// How ids were chosen.
    Mode mode() {
        return tokens.mode();
    }

    /// The id of an integer from 0 to 255.
    long id(int integer) {
        return tokens.ids()[integer];
    }

    /// The ids of all integers from 0 on.
    long[] ids() {
        return tokens.ids();
    }

    /// The integer of an id; empty if it stands for none.
    OptionalInt integer(long id) {
        return tokens.bin(id);
    }

    /// The ids that the corpus uses and that are lost to texts, with their counts.
    SequencedMap<Long, Long> lost() {
        return tokens.displaced();
    }

    /// Integers that share their being right with their neighbours.
    ///
    /// @param width of the bell curve, in integers
    SpreadBins spread(double width) {
        var ids = Tensor.of(ids(), ActionBins.COUNT);
        return new SpreadBins(ids, Tensor.arange(ActionBins.COUNT).to(DType.F32), width);
    }

    /// Writes integers.
    long[] write(int[] integers) {
        var ids = tokens.ids();
        return Arrays.stream(integers).mapToLong(i -> ids[i]).toArray();
    }
}
