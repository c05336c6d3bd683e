package dev.orrery.cli;

import dev.orrery.adapter.AdapterFolders;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "extract",
        description = "Make a LoRA adapter from a base and what became of it, by singular values.",
        mixinStandardHelpOptions = true)
final class AdapterExtractVerb implements Callable<Integer> {

    @Mixin private Console console;

    @Parameters(index = "0", paramLabel = "BASE", description = "A file, shard index or folder.")
    private Path base;

    @Parameters(index = "1", paramLabel = "TUNED", description = "The same after training.")
    private Path tuned;

    @Parameters(index = "2", paramLabel = "OUT", description = "The adapter's folder.")
    private Path out;

    @Option(
            names = "--rank",
            paramLabel = "R",
            description = "Rank of each difference (default: ${DEFAULT-VALUE}).")
    private int rank = 8;

    @Override
    public Integer call() {
        var found = AdapterFolders.extract(base, tuned, rank, out);
        console.result(
                found,
                found.stream()
                        .map(e ->
                                "%s: changed by %.4g, %.1f %% of its square kept"
                                        .formatted(e.path(), e.change(), 100 * e.kept()))
                        .collect(Collectors.joining("\n")));
        return Main.DONE;
    }
}
