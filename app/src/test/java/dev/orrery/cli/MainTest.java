package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.catalog.Catalog;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

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
