package dev.orrery.cli;

import dev.orrery.adapter.AdapterFolders;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "diff",
        description = "Compare what two adapters of one base change, layer by layer.",
        mixinStandardHelpOptions = true)
final class AdapterDiffVerb implements Callable<Integer> {

    @Mixin private Console console;

    @Parameters(index = "0", paramLabel = "BASE", description = "A file, shard index or folder.")
    private Path base;

    @Parameters(index = "1", paramLabel = "FIRST", description = "An adapter's folder.")
    private Path first;

    @Parameters(index = "2", paramLabel = "SECOND", description = "Another one's.")
    private Path second;

    @Override
    public Integer call() {
        var all = AdapterFolders.diff(base, first, second);
        console.result(
                all,
                all.stream()
                        .map(d ->
                                "%s: %.4g and %.4g, cosine %.3f"
                                        .formatted(d.path(), d.first(), d.second(), d.cosine()))
                        .collect(Collectors.joining("\n")));
        return Main.DONE;
    }
}
