package dev.orrery.cli;

import dev.orrery.data.lerobot.Rewrite;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What the verbs share that make a data set out of another: where it goes, and progress.
final class DataOutput {

    @Mixin private Console console;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where the result goes; must not exist.")
    private Optional<Path> out = Optional.empty();

    private final TerminalProgress progress = new TerminalProgress();

    /// The folder that `--out` names.
    Path need() {
        return out.orElseThrow(
                () -> new IllegalArgumentException("say where the result goes: --out DIR"));
    }

    /// The same, where nothing may be yet: to be asked before long work.
    Path needNew() {
        return requireNew(need());
    }

    /// @throws IllegalArgumentException if something is there already
    static Path requireNew(Path folder) {
        if (Files.exists(folder)) {
            throw new IllegalArgumentException(
                    "%s exists already; choose another --out".formatted(folder));
        }
        return folder;
    }

    /// Writes to `--out`, or else replaces `root`.
    Path orInPlace(Path root, Consumer<Path> write) {
        if (out.isPresent()) write.accept(out.get());
        else Rewrite.inPlace(root, write);
        return out.orElse(root);
    }

    /// Shows progress on standard error.
    Rewrite.Progress progress(String stage) {
        return (done, of) -> {
            if (done == 1) progress.stage(stage, of);
            progress.at(done, "episodes");
        };
    }

    /// Prints what was written.
    int done(Path where, Map<String, ?> facts) {
        progress.end();
        var json = new LinkedHashMap<String, Object>();
        json.put("dataset", where.toString());
        json.putAll(facts);
        var text = new StringBuilder(where.toString());
        facts.forEach((key, value) -> text.append("  ").append(key).append(' ').append(value));
        console.result(json, text.toString());
        return Main.DONE;
    }
}
