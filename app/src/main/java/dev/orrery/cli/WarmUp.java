package dev.orrery.cli;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// Does what common commands do, without showing it, so that the launcher can record the classes
/// that they need in an ahead-of-time cache.
@Command(name = "warm-up", hidden = true)
final class WarmUp implements Callable<Integer> {

    private static final List<List<String>> COMMON =
            List.of(
                    List.of("--help"),
                    List.of("train", "--help"),
                    List.of("list"),
                    List.of("list", "--json"),
                    List.of("shwo"),
                    List.of("show", "pi0", "--json"));

    @Override
    public Integer call() {
        for (var words : COMMON) {
            var nowhere = new PrintWriter(Writer.nullWriter());
            Main.commandLine()
                    .setOut(nowhere)
                    .setErr(nowhere)
                    .execute(words.toArray(String[]::new));
        }
        return Main.DONE;
    }
}
