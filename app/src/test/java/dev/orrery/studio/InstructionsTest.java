package dev.orrery.studio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Grammar;
import dev.orrery.env.tabletop.Kind;
import dev.orrery.env.tabletop.Scene;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.env.tabletop.Task;
import dev.orrery.studio.Instructions.Reading;
import org.junit.jupiter.api.Test;

class InstructionsTest {

    private static final Kind STAR = Kind.parse("red-star"), CUBE = Kind.parse("blue-cube");
    private static final Instructions INSTRUCTIONS = new Instructions();

    private static Scene scene() {
        var table = new Tabletop();
        table.reset(new Task.Stack(STAR, CUBE), 1, "");
        return table.scene();
    }

    private static Task task(String text) {
        return ((Reading.Clear) INSTRUCTIONS.read(text, scene())).task();
    }

    private static Reading.Unclear unclear(String text) {
        return (Reading.Unclear) INSTRUCTIONS.read(text, scene());
    }

    @Test
    void sentencesAreReadWhateverTheirCaseAndFillers() {
        assertThat(task("put the red star in the tray")).isEqualTo(new Task.PutTray(STAR));
        assertThat(task("  Put red star in the tray. ")).isEqualTo(new Task.PutTray(STAR));
        assertThat(task("Stack the red star on the blue cube!"))
                .isEqualTo(new Task.Stack(STAR, CUBE));
    }

    @Test
    void twoSentencesMakeASequence() {
        var both = new Task.Then(new Task.Press(), new Task.PutTray(STAR));
        assertThat(task("press the button, then put the red star in the tray")).isEqualTo(both);
    }

    @Test
    void everyWordingOfEveryCoreTaskIsReadAsThatTask() {
        var table = new Tabletop();
        for (long seed = 0; seed < 300; seed++) {
            table.reset(seed);
            for (var wording : Grammar.Wording.values()) {
                for (var phrase : Grammar.phrases(table.task(), wording)) {
                    assertThat(task(phrase))
                            .as("%s, seed %d", phrase, seed)
                            .isEqualTo(table.task());
                }
            }
        }
    }

    @Test
    void unknownWordsAreAnsweredWithTheNearest() {
        var answer = unclear("put the redd star in the trai");
        assertThat(answer.text()).contains("“redd” (did you mean “red”?)").contains("“trai”");
        assertThat(answer.suggestions()).containsExactly("put the red star in the tray");
        assertThat(unclear("zzzzqqq").text()).isEqualTo("I do not know “zzzzqqq”.");
    }

    @Test
    void knownWordsInNoKnownOrderAreAnsweredWithSentencesAboutTheScene() {
        var answer = unclear("star red the tray put cube");
        assertThat(answer.text()).contains("not this sentence");
        assertThat(answer.suggestions()).hasSize(3).allMatch(s -> s.contains("star"));
    }

    @Test
    void examplesAreTasksThatTheExpertCanDoHere() {
        for (long seed = 0; seed < 20; seed++) {
            var table = new Tabletop();
            table.reset(seed);
            var examples = INSTRUCTIONS.examples(table, seed, PolicySource.Skill.UNKNOWN);
            assertThat(examples).as("seed %d", seed).hasSizeGreaterThan(3).doesNotHaveDuplicates();
            for (var example : examples) {
                var fork = table.fork();
                fork.instruct(
                        ((Reading.Clear) INSTRUCTIONS.read(example, table.scene())).task(),
                        example,
                        Family.PICK.limit());
            }
        }
    }
}
