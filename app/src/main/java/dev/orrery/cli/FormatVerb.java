package dev.orrery.cli;

import picocli.CommandLine.Command;

/// Described here for `--help`; the launcher does it.
@Command(name = "format", description = "Format the Java sources.", mixinStandardHelpOptions = true)
final class FormatVerb implements java.util.concurrent.Callable<Integer> {

    @Override
    public Integer call() {
        throw new IllegalArgumentException(
                "start the formatter through the launcher: ./orrery format");
    }
}
