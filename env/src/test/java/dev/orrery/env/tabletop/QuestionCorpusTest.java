package dev.orrery.env.tabletop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.env.tabletop.Question.Target;
import dev.orrery.env.tabletop.Question.Type;
import java.util.HashMap;
import java.util.HashSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class QuestionCorpusTest {

    private static final int SOME = 200;

    @ParameterizedTest
    @EnumSource
    void questionsAndAnswersUseOnlyKnownWords(Type type) {
        for (long seed = 0; seed < SOME; seed++) {
            var question = QuestionCorpus.sample(type, seed);
            assertThat(question.type()).isEqualTo(type);
            assertThat(Words.unknown(question.text())).as(question.text()).isEmpty();
            assertThat(Words.unknown(question.answer())).as(question.answer()).isEmpty();
            assertThat(Words.split(question.answer())).isNotEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyTypeIsAskedInThreeWordingsOfKnownWords(Type type) {
        for (long seed = 0; seed < SOME; seed++) {
            var question = QuestionCorpus.sample(type, seed);
            assertThat(question.reworded(0)).hasToString(question.toString());
            var texts = new HashSet<String>();
            for (int wording = 0; wording < Question.WORDINGS; wording++) {
                var other = question.reworded(wording);
                texts.add(other.text());
                assertThat(Words.unknown(other.text())).as(other.text()).isEmpty();
                assertThat(other.answer()).isEqualTo(question.answer());
                assertThat(other.overhead()).isEqualTo(question.overhead());
            }
            assertThat(texts).hasSize(Question.WORDINGS);
        }
        assertThatThrownBy(() -> QuestionCorpus.sample(type, 1).reworded(3))
                .hasMessageContaining("0 to 2");
    }

    @ParameterizedTest
    @EnumSource
    void equalSeedsAskEqualQuestions(Type type) {
        var one = QuestionCorpus.sample(type, 5);
        var two = QuestionCorpus.sample(type, 5);
        assertThat(one).hasToString(two.toString());
        assertThat(one.overhead()).isEqualTo(two.overhead());
    }

    @Test
    void thePointLiesOnAPixelOfTheBlocksColour() {
        int right = 0;
        for (long seed = 0; seed < SOME; seed++) {
            var question = QuestionCorpus.sample(Type.POINT, seed);
            var point = (Target.Point) question.target();
            var picture = question.overhead();
            int row = Math.min(63, (int) (point.y() * 64)),
                    column = Math.min(63, (int) (point.x() * 64));
            var colour = Colour.valueOf(Words.split(question.text()).get(3).toUpperCase());
            int off = 0;
            for (int channel = 0; channel < 3; channel++) {
                int wanted = colour.rgb >> (16 - 8 * channel) & 0xff;
                off = Math.max(off, Math.abs(picture.at(row, column, channel) - wanted));
            }
            right += off < 60 ? 1 : 0;
        }
        // the fingers and their shadow may lie over a block
        assertThat(right).isGreaterThan(SOME * 85 / 100);
    }

    @Test
    void allSixteenKindsAreAskedFor() {
        var seen = new HashSet<String>();
        for (long seed = 0; seed < 10 * SOME; seed++) {
            seen.add(QuestionCorpus.sample(Type.POINT, seed).text());
        }
        assertThat(seen).hasSize(16);
    }

    @Test
    void yesAndNoAndTrayAndHeldAreBalancedEnoughToBeWorthAsking() {
        var answers = new HashMap<String, Integer>();
        for (long seed = 0; seed < SOME; seed++) {
            answers.merge(QuestionCorpus.sample(Type.RELATION, seed).answer(), 1, Integer::sum);
            var held = QuestionCorpus.sample(Type.HELD, seed).answer();
            answers.merge(held.equals("nothing") ? "empty" : "held", 1, Integer::sum);
            var tray = QuestionCorpus.sample(Type.TRAY, seed).answer();
            answers.merge(tray.equals("nothing") ? "bare" : "filled", 1, Integer::sum);
        }
        assertThat(answers.values()).hasSize(6).allMatch(n -> n > SOME / 8);
    }

    @Test
    void aPathHasFourWayPointsAndEndsAtTheGoal() {
        for (long seed = 0; seed < SOME; seed++) {
            var path = (Target.Path) QuestionCorpus.sample(Type.PATH, seed).target();
            assertThat(path.points()).hasSize(4);
        }
    }
}
