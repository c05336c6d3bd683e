package dev.orrery.cli;

import dev.orrery.adapter.AdapterFolders;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "merge",
        description = "Write a base's weights with an adapter merged into them.",
        mixinStandardHelpOptions = true)
final class AdapterMergeVerb implements Callable<Integer> {

    @Mixin private Console console;

    @Parameters(index = "0", paramLabel = "BASE", description = "A file, shard index or folder.")
    private Path base;

    @Parameters(index = "1", paramLabel = "ADAPTER", description = "The adapter's folder.")
    private Path adapter;

    @Parameters(index = "2", paramLabel = "OUT", description = "The new file.")
    private Path out;

    @Option(names = "--force", description = "Also where the adapter names another base.")
    private boolean forced;

    @Override
    public Integer call() {
        var merged = AdapterFolders.merge(base, adapter, out, forced);
        if (merged.rounding() > 0) {
            console.warn(
                    "the base's type rounds the sums: by up to %.2g of a weight's largest number"
                            .formatted(merged.rounding()));
        }
        console.result(merged, "merged into %d layers: %s".formatted(merged.layers(), out));
        return Main.DONE;
    }
}
