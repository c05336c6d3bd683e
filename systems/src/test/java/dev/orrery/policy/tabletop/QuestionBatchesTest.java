package dev.orrery.policy.tabletop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.env.tabletop.Question.Type;
import dev.orrery.env.tabletop.Words;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class QuestionBatchesTest {

    private static final Lexicon LEXICON = Lexicon.of(512, List.of("robot", "137"));

    @Test
    void aBatchHoldsPicturesWordsAndAnswersOfItsQuestions() {
        var batches = new QuestionBatches(LEXICON, 24, List.of(), true);
        try (var _ = TensorScope.open()) {
            var asked = batches.batch(32, Seed.of(5));
            var lesson = asked.lesson();
            var prompt = lesson.prompt();
            assertThat(prompt.images().get(0).shape()).containsExactly(32, 3, 64, 64);
            assertThat(prompt.images().get(1).shape()).containsExactly(32, 3, 32, 32);
            assertThat(prompt.words().shape()).containsExactly(32, 24);
            long[] words = prompt.words().toLongs(), answers = lesson.answer().toLongs();
            int longest = (int) lesson.answer().size(1);
            for (int b = 0; b < 32; b++) {
                var question = asked.questions().get(b);
                var row = java.util.Arrays.copyOfRange(words, b * 24, b * 24 + 24);
                assertThat(row[23]).isEqualTo(Words.BEGIN);
                row[23] = Words.PAD;
                assertThat(LEXICON.text(row)).isEqualTo(question.text());
                var answer = java.util.Arrays.copyOfRange(answers, b * longest, (b + 1) * longest);
                assertThat(LEXICON.text(answer))
                        .isEqualTo(String.join(" ", Words.split(question.answer())));
            }
            assertThat(new HashSet<>(asked.questions().stream().map(q -> q.type()).toList()))
                    .hasSizeGreaterThan(7);
            var again = batches.batch(32, Seed.of(5));
            assertThat(again.questions()).hasToString(asked.questions().toString());
            assertThat(again.lesson().answer().equal(lesson.answer())).isTrue();
        }
    }

    @Test
    void whatAQuestionNamesIsMarkedInThePictures() {
        var batches = new QuestionBatches(LEXICON, 24, List.of(Type.POINT), false);
        try (var _ = TensorScope.open()) {
            var asked = batches.batch(8, Seed.of(1));
            var labels = asked.lesson().labels();
            var known = labels.known().toFloats();
            var mentions = labels.mentions().toLongs();
            var names = labels.names().toLongs();
            for (int b = 0; b < 8; b++) {
                assertThat(known[4 * b]).isEqualTo(1);
                assertThat(known[4 * b + 2]).isZero();
                for (int s = 0; s < SceneLabels.PATCHES; s++) {
                    int at = b * SceneLabels.PATCHES + s;
                    if (mentions[at] == 0) continue;
                    var name = SceneLabels.NAMES.get((int) names[at] - 1);
                    assertThat(asked.questions().get(b).text()).endsWith(name);
                }
            }
        }
    }

    @Test
    void answersAreGradedWordByWordAndPlacesWithinTwoPixels() {
        var batches = new QuestionBatches(LEXICON, 24, List.of(Type.POINT, Type.COLOUR), false);
        try (var _ = TensorScope.open()) {
            var asked = batches.batch(16, Seed.of(2));
            var answers = asked.lesson().answer();
            var truth = Functional.oneHot(answers, LEXICON.size());
            assertThat(QuestionBatches.share(QuestionBatches.graded(asked, truth))).isEqualTo(1);
            var near = Functional.oneHot(answers.add(2), LEXICON.size());
            var grades = QuestionBatches.graded(asked, near);
            assertThat(grades.get(Type.COLOUR)).containsOnly(false);
            // the end token is no place, so a shifted one is wrong
            assertThat(grades.get(Type.POINT)).containsOnly(false);
            var located = answers.ge((long) Words.location(0));
            var shifted = answers.add(located.to(dev.orrery.tensor.DType.I64).mul(-2));
            var close = QuestionBatches.graded(asked, Functional.oneHot(shifted, 512));
            assertThat(close.get(Type.POINT)).contains(true);
            assertThat(close.get(Type.COLOUR)).containsOnly(true);
        }
    }

    @Test
    void aLexiconKeepsAddedWordsBehindThoseOfTheTable() {
        assertThat(LEXICON.id("robot")).isEqualTo(Words.size());
        assertThat(LEXICON.ids("137 red")).containsExactly(Words.size() + 1, Words.id("red"));
        assertThat(LEXICON.word(511)).isEqualTo("#511");
        assertThat(LEXICON.text(LEXICON.answer("red robot"))).isEqualTo("red robot");
        assertThat(LEXICON.unknown("take the red robot home")).containsExactly("home");
        assertThatThrownBy(() -> Lexicon.of(512, List.of("red")))
                .hasMessageContaining("'red' is a word already");
        assertThatThrownBy(() -> Lexicon.of(512, List.of("a robot")))
                .hasMessageContaining("not one plain word");
        assertThatThrownBy(() -> Lexicon.of(Words.size(), List.of("robot")))
                .hasMessageContaining("cannot hold %d words".formatted(Words.size() + 1));
        assertThatThrownBy(() -> LEXICON.word(512)).hasMessageContaining("0 to 511");
        assertThatThrownBy(() -> new QuestionBatches(LEXICON, 1, List.of(), false))
                .hasMessageContaining("1 prompt tokens");
    }
}
