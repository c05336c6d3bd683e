package dev.orrery.cli;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Option;

/// The file that a verb writes.
final class FileOutput {

    @Option(names = "--out", paramLabel = "FILE", description = "Where the result goes.")
    private Optional<Path> out = Optional.empty();

    /// The file that `--out` names.
    ///
    /// @param endings that it may have, the usual one first
    /// @throws IllegalArgumentException if it names none, or one with another ending
    Path need(String... endings) {
        var file =
                out.orElseThrow(() ->
                        new IllegalArgumentException(
                                "say where the result goes: --out FILE" + endings[0]));
        for (var ending : endings)
            if (file.toString().toLowerCase(Locale.ROOT).endsWith(ending)) return file;
        throw new IllegalArgumentException(
                "--out %s: the file ends in %s".formatted(file, String.join(" or ", endings)));
    }
}
