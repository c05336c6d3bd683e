package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;

/// Commands that are refused as the user's mistake.
final class Refusals {

    private Refusals() {}

    /// Fails unless a command is answered by one line that says so, and by the exit code for it.
    static void isRefused(String said, String... args) {
        var err = new StringWriter();
        var line =
                Main.commandLine()
                        .setOut(new PrintWriter(new StringWriter()))
                        .setErr(new PrintWriter(err));
        assertThat(line.execute(args)).isEqualTo(Main.USAGE);
        assertThat(err.toString()).contains(said).hasLineCount(1);
    }
}
