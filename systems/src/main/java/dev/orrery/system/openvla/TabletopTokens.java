package dev.orrery.system.openvla;

import dev.orrery.env.tabletop.Words;
import dev.orrery.policy.ActionTokenizer;
import dev.orrery.policy.ActionVocabulary;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;

/// The laptop's vocabulary as action tokens see it: words first, ids without a word behind them.
///
/// The location words `<loc00>` to `<loc63>` are its words for numbers.
final class TabletopTokens {

    private TabletopTokens() {}

    /// The action tokens of a model.
    ///
    /// @param instructions the corpus that [ActionTokenizer.Mode#LEAST_USED] counts
    static ActionTokenizer of(OpenVlaConfig.Io io, List<String> instructions) {
        return ActionTokenizer.of(io.tokens(), vocabulary(io, count(instructions)), io.bins());
    }

    /// Action tokens whose ids were kept with a model's weights.
    static ActionTokenizer stored(OpenVlaConfig.Io io, long[] ids) {
        return ActionTokenizer.stored(io.tokens(), vocabulary(io, Map.of()), ids);
    }

    private static ActionVocabulary vocabulary(OpenVlaConfig.Io io, Map<Long, Long> counts) {
        return new ActionVocabulary(
                io.vocabulary(),
                kept(io.tokens()),
                counts,
                LongStream.range(0, Words.BINS)
                        .map(bin -> Words.location((int) bin))
                        .boxed()
                        .toList());
    }

    /// All words are kept, except from [ActionTokenizer.Mode#LEAST_USED], which only leaves the
    /// special ones alone.
    private static SortedMap<Long, String> kept(ActionTokenizer.Mode mode) {
        int most = mode == ActionTokenizer.Mode.LEAST_USED ? Words.END + 1 : Words.size();
        var kept = new TreeMap<Long, String>();
        for (int id = 0; id < most; id++) kept.put((long) id, Words.word(id));
        return kept;
    }

    private static Map<Long, Long> count(List<String> instructions) {
        var counts = new HashMap<Long, Long>();
        for (var text : instructions) {
            for (var word : Words.split(text)) counts.merge((long) Words.id(word), 1L, Long::sum);
        }
        return counts;
    }
}
