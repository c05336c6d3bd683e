package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.catalog.Catalog;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {

    private record Outcome(int code, String out, String err) {}

    @Test
    void helpListsTheVerbs() {
        var outcome = run("--help");
        assertThat(outcome.code()).isEqualTo(Main.DONE);
        assertThat(outcome.out())
                .contains("train", "claim", "Exit codes")
                .doesNotContain("warm-up");
    }

    @Test
    void anUnknownVerbIsAnsweredWithTheNearest() {
        var outcome = run("trian", "pi0");
        assertThat(outcome.code()).isEqualTo(Main.USAGE);
        assertThat(outcome.err()).contains("did you mean 'train'").hasLineCount(1);
    }

    @Test
    void anUnknownSystemIsAnsweredWithTheNearest() {
        var outcome = run("train", "flow-maching");
        assertThat(outcome.code()).isEqualTo(Main.USAGE);
        assertThat(outcome.err()).contains("did you mean 'flow-matching'").hasLineCount(1);
    }

    @Test
    void anUnknownOptionIsAnsweredWithTheNearest() {
        var outcome = run("train", "pi0", "--sed=3");
        assertThat(outcome.code()).isEqualTo(Main.USAGE);
        assertThat(outcome.err()).contains("did you mean '--seed'").hasLineCount(1);
    }

    @Test
    void optionsThatWouldHaveNoEffectAreRefused() {
        for (var verb : new String[] {"eval", "generate", "doctor"}) {
            Refusals.isRefused("has no option --seed", verb, "pi0", "--seed", "9");
            Refusals.isRefused("has no option --preset", verb, "pi0", "--preset", "smoke");
        }
        Refusals.isRefused("has no option --seed", "show", "pi0", "--seed", "9");
    }

    @Test
    void anEmptyNameOfAFolderIsRefused() {
        Refusals.isRefused("'--run-dir': it is empty", "train", "pi0", "--run-dir", "");
        Refusals.isRefused("it is empty", "data", "info", "");
    }

    @Test
    void verbsAreListedByWholeSentences() {
        everySentenceEnds(Main.commandLine());
    }

    private static void everySentenceEnds(CommandLine line) {
        var usage = line.getCommandSpec().usageMessage();
        if (!usage.hidden()) {
            assertThat(usage.description()[0]).endsWith(".");
        }
        line.getSubcommands().values().forEach(MainTest::everySentenceEnds);
    }

    @Test
    void aDemoThatNoClockCanKeepIsRefusedBeforeItBegins() {
        Refusals.isRefused("at 0.0 Hz", "serve", "nothing", "--demo", "--hertz", "0");
        Refusals.isRefused("0 ticks", "serve", "nothing", "--demo", "--seconds", "0");
    }

    @Test
    void aPlannedSystemIsSaidToBePlanned() {
        var outcome = run("train", "rig");
        assertThat(outcome.code()).isEqualTo(Main.USAGE);
        assertThat(outcome.err()).contains("rig", "planned, not built yet").hasLineCount(1);
    }

    @Test
    void aWrongNumberIsNamed() {
        var outcome = run("train", "pi0", "--seed", "seven");
        assertThat(outcome.code()).isEqualTo(Main.USAGE);
        assertThat(outcome.err()).contains("--seed", "seven");
    }

    @Test
    void theListNamesAllSystemsAlsoForMachines() {
        assertThat(run("list").out()).contains("evolutionary-multiobjective", "planned");
        var json = run("list", "--json").out();
        assertThat(json.split("\"name\"")).hasSize(Catalog.entries().size() + 1);
    }

    private static Outcome run(String... args) {
        var out = new StringWriter();
        var err = new StringWriter();
        var line = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return new Outcome(line.execute(args), out.toString(), err.toString());
    }
}
