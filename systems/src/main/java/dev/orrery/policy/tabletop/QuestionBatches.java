package dev.orrery.policy.tabletop;

import dev.orrery.env.tabletop.Projector;
import dev.orrery.env.tabletop.Question;
import dev.orrery.env.tabletop.QuestionCorpus;
import dev.orrery.env.tabletop.Words;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/// Questions about pictures as training batches, drawn from the simulator's corpus as they are
/// wanted. Scenes show every kind of block; equal seeds ask equal questions.
public final class QuestionBatches {

    /// How far a location word may lie from the true one and count as right, in its bins.
    private static final int SLACK = 2;

    private final Lexicon lexicon;
    private final int promptTokens;
    private final List<Question.Type> types;
    private final boolean reworded;

    /// @param promptTokens tokens L of a prompt
    /// @param types what is asked; empty for everything
    /// @param reworded whether each question is asked in one of three wordings
    /// @throws IllegalArgumentException if a type is named twice, or prompts have no room
    public QuestionBatches(
            Lexicon lexicon, int promptTokens, List<Question.Type> types, boolean reworded) {
        this.lexicon = lexicon;
        this.promptTokens = promptTokens;
        this.types = types.isEmpty() ? List.of(Question.Type.values()) : List.copyOf(types);
        this.reworded = reworded;
        if (promptTokens < 2 || this.types.stream().distinct().count() < this.types.size()) {
            throw new IllegalArgumentException(
                    "questions of the types %s with %d prompt tokens; name each type once and use 2 or more"
                            .formatted(this.types, promptTokens));
        }
    }

    /// The question that a seed draws.
    public Question question(long seed) {
        var random = new SplittableRandom(seed);
        var type = types.get(random.nextInt(types.size()));
        var question = QuestionCorpus.sample(type, random.nextLong());
        return reworded ? question.reworded(random.nextInt(Question.WORDINGS)) : question;
    }

    /// Writes the question that a seed draws into a row: pictures, words, answer, labels.
    public Question write(LessonSheet sheet, int row, long seed) {
        var question = question(seed);
        var projector = new Projector();
        sheet.pictures()
                .overhead(
                        row,
                        (rgb, at) -> {
                            projector.overhead(question, rgb, at);
                            return true;
                        });
        sheet.pictures()
                .wrist(
                        row,
                        (rgb, at) -> {
                            projector.wrist(question, rgb, at);
                            return true;
                        });
        sheet.prompt(row, question.text());
        sheet.answer(row, lexicon.answer(question.answer()));
        sheet.labels().name(row, projector.scene(question), question.text());
        return question;
    }

    /// Questions with what they were made into.
    ///
    /// @param questions one a row
    public record Asked(List<Question> questions, Lesson lesson) {
        public Asked {
            questions = List.copyOf(questions);
        }
    }

    /// Questions drawn at random.
    public Asked batch(int size, Seed seed) {
        var sheet = new LessonSheet(lexicon, size, promptTokens);
        var questions = new ArrayList<Question>();
        for (int b = 0; b < size; b++) questions.add(write(sheet, b, seed.split(b).key()));
        return new Asked(questions, sheet.lesson());
    }

    /// The share of questions that are answered rightly, by type: every word equal, location words
    /// within two bins (two overhead pixels).
    ///
    /// Words are told apart as the likeliest ones given the true words before them, which for exact
    /// answers is what greedy decoding gives.
    ///
    /// @param logits `(B, M, V)`
    public static Map<Question.Type, List<Boolean>> graded(Asked asked, Tensor logits) {
        var said = logits.argmax(-1, false).toLongs();
        var truth = asked.lesson().answer().toLongs();
        int rows = asked.questions().size(), length = truth.length / rows;
        var grades = new EnumMap<Question.Type, List<Boolean>>(Question.Type.class);
        for (int b = 0; b < rows; b++) {
            boolean right = true;
            for (int m = 0; m < length && right; m++) {
                long wanted = truth[b * length + m];
                right = wanted == Words.PAD || right(wanted, said[b * length + m]);
            }
            grades.computeIfAbsent(asked.questions().get(b).type(), _ -> new ArrayList<>())
                    .add(right);
        }
        return grades;
    }

    private static boolean right(long wanted, long said) {
        boolean place = located(wanted) && located(said);
        return place ? Math.abs(wanted - said) <= SLACK : wanted == said;
    }

    private static boolean located(long id) {
        return id >= Words.location(0) && id <= Words.location(Words.BINS - 1);
    }

    /// The share of right answers among all grades.
    public static double share(Map<Question.Type, List<Boolean>> grades) {
        return grades.values().stream()
                .flatMap(List::stream)
                .collect(Collectors.averagingDouble(right -> right ? 1 : 0));
    }
}
