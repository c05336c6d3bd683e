package dev.orrery.cli;

import dev.orrery.env.Nearest;
import dev.orrery.env.WholeFile;
import dev.orrery.run.RunStopped;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// Turns what a verb throws into one line and an exit code.
final class Failures {

    private static final int INTERRUPTED = 130;
    private static final String FULL =
            "the disk is full; free some space and give the command again (of a training: with --resume)";

    private Failures() {}

    /// Answers a command that picocli could not read.
    static int answer(ParameterException e, String[] args) {
        var line = e.getCommandLine();
        var said =
                e instanceof UnmatchedArgumentException unmatched
                        ? unmatched(unmatched)
                        : firstLine(e.getMessage());
        say(line, "%s (see %s --help)".formatted(said, line.getCommandSpec().qualifiedName()));
        return Main.USAGE;
    }

    /// Answers what a verb threw.
    static int answer(Throwable e, CommandLine line) {
        Main main = line.getCommandSpec().root().userObject() instanceof Main m ? m : null;
        if (main != null && main.debug()) {
            e.printStackTrace(line.getErr());
        }
        switch (e) {
            case RunStopped stopped -> {
                say(line, stopped.getMessage());
                return INTERRUPTED;
            }
            case ParameterException wrong -> {
                return answer(wrong, new String[0]);
            }
            case IllegalArgumentException wrong when said(wrong) -> {
                say(line, wrong.getMessage());
                return Main.USAGE;
            }
            default -> {
                say(line, describe(e));
                return Main.FAILURE;
            }
        }
    }

    private static boolean said(Throwable e) {
        return e.getMessage() != null && !e.getMessage().isBlank();
    }

    private static String describe(Throwable e) {
        return switch (e) {
            case UncheckedIOException io when io.getCause() != null -> describe(io.getCause());
            case NoSuchFileException file -> "there is no file " + file.getFile();
            case FileNotFoundException file -> "cannot open " + file.getMessage();
            case AccessDeniedException file -> "no permission for " + file.getFile();
            case FileAlreadyExistsException file -> file.getFile() + " exists already";
            case FileSystemException file when WholeFile.isFull(file) ->
                    "%s cannot be written: %s".formatted(file.getFile(), FULL);
            case FileSystemException file -> "%s: %s".formatted(file.getFile(), file.getReason());
            case IOException io when WholeFile.isFull(io) -> FULL;
            case IOException io -> "input/output failed: " + io.getMessage();
            case OutOfMemoryError _ ->
                    "out of memory; use a smaller --preset or batch, or set ORRERY_HEAP=6g";
            case UnsatisfiedLinkError link ->
                    "a native library does not load: %s; run: orrery doctor"
                            .formatted(firstLine(link.getMessage()));
            case Throwable other when ownMessage(other) -> other.getMessage();
            case Throwable other ->
                    "%s: %s (run again with --debug for the details)"
                            .formatted(
                                    other.getClass().getSimpleName(),
                                    firstLine(other.getMessage()));
        };
    }

    /// Our own exceptions are written to be read; those of others need their name beside them.
    private static boolean ownMessage(Throwable e) {
        return said(e) && e.getClass().getName().startsWith("dev.orrery.");
    }

    private static String unmatched(UnmatchedArgumentException e) {
        var spec = e.getCommandLine().getCommandSpec();
        var word = e.getUnmatched().getFirst();
        if (word.startsWith("-")) {
            var name = word.replaceFirst("=.*", "");
            var options = spec.options().stream().map(o -> o.longestName()).sorted().toList();
            return "%s has no option %s; %s"
                    .formatted(spec.qualifiedName(), name, Nearest.hint(name, options));
        }
        var verbs =
                spec.subcommands().entrySet().stream()
                        .filter(v -> !v.getValue().getCommandSpec().usageMessage().hidden())
                        .map(Map.Entry::getKey)
                        .toList();
        if (verbs.isEmpty()) {
            return "%s takes no '%s'".formatted(spec.qualifiedName(), word);
        }
        return "there is no '%s %s'; %s"
                .formatted(spec.qualifiedName(), word, Nearest.hint(word, verbs));
    }

    private static String firstLine(String message) {
        return message == null ? "no message" : message.lines().findFirst().orElse("no message");
    }

    private static void say(CommandLine line, String message) {
        line.getErr().println("orrery: " + message);
        line.getErr().flush();
    }
}
