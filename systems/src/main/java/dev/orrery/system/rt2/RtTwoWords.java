package dev.orrery.system.rt2;

import dev.orrery.env.tabletop.Words;
import dev.orrery.policy.ActionTokenizer.Mode;
import dev.orrery.policy.tabletop.Lexicon;
import dev.orrery.system.rt2.RtTwoConfig.Tokens;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// The laptop's language: the tabletop's words, those of the prompt, and integers.
///
/// @param lexicon all words
/// @param integers the tokens of 0 to 255
record RtTwoWords(Lexicon lexicon, IntegerTokens integers) {

    /// What stands before the integers of an answer that begins with a plan.
    static final String ACTION = "action";

    private static final String PLAN = "plan";
    private static final List<String> PROMPT =
            List.of("action", "should", "robot", PLAN, "closest");

    /// The words of a new model.
    ///
    /// @param corpus what [Tokens#OVERWRITE_LEAST_USED] counts
    /// @throws IllegalArgumentException if the vocabulary has no room for words and integers
    static RtTwoWords of(RtTwoConfig.Model model, List<String> corpus) {
        var lexicon = lexicon(model);
        long size = lexicon.size();
        var integers =
                switch (model.actions().tokens()) {
                    case INTEGER_WORDS -> IntegerTokens.words(speller(lexicon), size);
                    case OVERWRITE_LEAST_USED ->
                            IntegerTokens.leastUsed(size, special(), count(lexicon, corpus));
                };
        return new RtTwoWords(lexicon, integers);
    }

    /// The words of a saved model.
    ///
    /// @param ids of the integers from 0 on
    static RtTwoWords stored(RtTwoConfig.Model model, long[] ids) {
        var mode =
                switch (model.actions().tokens()) {
                    case INTEGER_WORDS -> Mode.NUMBER_WORDS;
                    case OVERWRITE_LEAST_USED -> Mode.LEAST_USED;
                };
        var lexicon = lexicon(model);
        return new RtTwoWords(lexicon, IntegerTokens.stored(mode, lexicon.size(), ids));
    }

    private static Lexicon lexicon(RtTwoConfig.Model model) {
        var added = new ArrayList<>(PROMPT);
        if (model.actions().tokens() == Tokens.INTEGER_WORDS) {
            IntStream.range(0, ActionBins.COUNT).mapToObj(Integer::toString).forEach(added::add);
        }
        return Lexicon.of(model.text().vocabulary(), added);
    }

    private static IntegerTokens.Speller speller(Lexicon lexicon) {
        return new IntegerTokens.Speller() {
            @Override
            public long[] write(String text) {
                return lexicon.ids(text);
            }

            @Override
            public String read(long id) {
                return lexicon.word(id);
            }
        };
    }

    private static TreeMap<Long, String> special() {
        var kept = new TreeMap<Long, String>();
        for (int id = 0; id <= Words.END; id++) kept.put((long) id, Words.word(id));
        return kept;
    }

    private static Map<Long, Long> count(Lexicon lexicon, List<String> corpus) {
        var counts = new HashMap<Long, Long>();
        for (var text : corpus) {
            for (long id : lexicon.ids(text)) counts.merge(id, 1L, Long::sum);
        }
        // the prompt around instructions is no part of the corpus and must go on meaning something
        for (var word : PROMPT) counts.merge(lexicon.id(word), (long) corpus.size(), Long::sum);
        return counts;
    }

    /// The prompt of an instruction.
    static String prompt(String instruction) {
        return "what action should the robot take to " + instruction;
    }

    /// The tokens of an answer: perhaps a plan, the integers, the end.
    ///
    /// @param plan what is about to be done, or empty for no plan
    long[] answer(String plan, ActionString.Said said) {
        var before =
                plan.isEmpty()
                        ? LongStream.empty()
                        : LongStream.of(lexicon.ids("%s %s %s".formatted(PLAN, plan, ACTION)));
        var integersThere = LongStream.of(integers.write(said.integers()));
        return LongStream.concat(LongStream.concat(before, integersThere), LongStream.of(Words.END))
                .toArray();
    }

    /// The ids that are allowed for each integer of an answer: 0 or 1, then any.
    List<long[]> slots(int count) {
        var all = integers.ids();
        return IntStream.range(0, count)
                .mapToObj(slot -> slot == 0 ? new long[] {all[0], all[1]} : all)
                .toList();
    }

    /// The text of ids up to the end, with integers in digits whatever stands for them.
    String text(long[] ids) {
        return LongStream.of(ids)
                .takeWhile(id -> id != Words.END)
                .filter(id -> id != Words.PAD)
                .mapToObj(this::word)
                .collect(Collectors.joining(" "));
    }

    private String word(long id) {
        OptionalInt integer = integers.integer(id);
        return integer.isPresent() ? Integer.toString(integer.getAsInt()) : lexicon.word(id);
    }

    /// Reads what was said without being held to a form; a plan before the action is left out.
    ActionString parse(long[] ids, int count) {
        var text = text(ids);
        int at = text.lastIndexOf(ACTION + " ");
        return ActionString.parse(at < 0 ? text : text.substring(at + ACTION.length()), count);
    }
}
