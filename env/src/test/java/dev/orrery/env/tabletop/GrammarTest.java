package dev.orrery.env.tabletop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.env.Dice;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GrammarTest {

    private static final int DRAWS = 200;

    @Test
    void everyWordingIsReadAsTheTaskItWasWrittenFor() {
        for (var family : Family.values()) {
            for (int k = 0; k < DRAWS; k++) {
                var task = Tasks.training(family, Dice.of(k, 9));
                for (var wording : Grammar.Wording.values()) {
                    for (var phrase : Grammar.phrases(task, wording)) {
                        assertThat(Grammar.parse(phrase))
                                .as(phrase)
                                .isEqualTo(new Reading.Understood(task));
                    }
                }
            }
        }
    }

    @Test
    void tasksSurviveTheirCode() {
        for (var family : Family.values()) {
            for (int k = 0; k < DRAWS; k++) {
                var task = Tasks.training(family, Dice.of(k, 10));
                assertThat(Task.parse(task.code())).isEqualTo(task);
            }
        }
    }

    @Test
    void everyFamilyHasThreeTrainingAndTwoHeldOutWordingsThatDiffer() {
        for (var family : Family.values()) {
            var task = Tasks.training(family, new Dice(1));
            var training = Grammar.phrases(task, Grammar.Wording.TRAINING);
            var heldOut = Grammar.phrases(task, Grammar.Wording.HELD_OUT);
            assertThat(training).as("%s", family).hasSizeGreaterThanOrEqualTo(3);
            assertThat(heldOut).as("%s", family).hasSizeGreaterThanOrEqualTo(2);
            assertThat(words(training)).doesNotContainAnyElementsOf(words(heldOut));
        }
    }

    private static List<List<String>> words(List<String> phrases) {
        return phrases.stream().map(Words::split).toList();
    }

    @Test
    void heldOutWordingsOfCoreFamiliesUseOnlyWordsThatTrainingUses() {
        var known = new HashSet<String>();
        var asked = new HashSet<String>();
        for (var family : Family.CORE) {
            Templates.of(family).training().forEach(t -> known.addAll(Words.split(t)));
            Templates.of(family).heldOut().forEach(t -> asked.addAll(Words.split(t)));
        }
        assertThat(known).containsAll(asked);
    }

    @Test
    void unknownWordsAreNamedWithTheNearestKnownOnes() {
        var reading = Grammar.parse("Put the purpel star in the tray!");
        assertThat(reading).isInstanceOf(Reading.Unclear.class);
        var unclear = (Reading.Unclear) reading;
        assertThat(unclear.unknown()).containsExactly("purpel");
        assertThat(unclear.why()).contains("purpel").contains("nearest");
    }

    @Test
    void aSentenceOfKnownWordsThatMeansNothingIsAnsweredWithOneThatDoes() {
        var unclear = (Reading.Unclear) Grammar.parse("tray star red the in put");
        assertThat(unclear.unknown()).isEmpty();
        assertThat(unclear.why()).contains("put the red star in the tray");
    }

    @Test
    void tokensPadCutAndMark() {
        var padded = Words.tokens("push the flurb", 5);
        assertThat(padded.ids()[2]).isEqualTo(Words.UNKNOWN);
        assertThat(padded.mask()).containsExactly(true, true, true, false, false);
        assertThat(padded.unknown()).containsExactly("flurb");
        assertThat(Words.tokens("push the red star left", 3).cut()).isEqualTo(2);
    }

    @Test
    void everyIdHasOneWordAndEveryWordOneId() {
        Set<String> words = new HashSet<>();
        for (int id = 0; id < Words.size(); id++) {
            assertThat(words.add(Words.word(id))).isTrue();
            assertThat(id < 4 || Words.id(Words.word(id)) == id).as(Words.word(id)).isTrue();
        }
    }
}
