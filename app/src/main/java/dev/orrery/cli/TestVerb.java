package dev.orrery.cli;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Described here for `--help`; the launcher does it, because it rebuilds what runs here.
@Command(
        name = "test",
        description = "Build everything, run every test, and end with the counts.",
        mixinStandardHelpOptions = true)
final class TestVerb implements java.util.concurrent.Callable<Integer> {

    @Option(
            names = "--goldens",
            paramLabel = "DIR",
            description = "Also run the fixtures in this folder, and list those nobody knows.")
    private Optional<Path> goldens = Optional.empty();

    @Option(names = "--slow", description = "Also the tests tagged slow.")
    private boolean slow;

    @Override
    public Integer call() {
        throw new IllegalArgumentException("start tests through the launcher: ./orrery test");
    }
}
