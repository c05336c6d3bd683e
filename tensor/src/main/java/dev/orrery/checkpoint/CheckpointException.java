package dev.orrery.checkpoint;

import java.nio.file.Path;

/// A file of weights or of a run's state cannot be read or written.
///
/// The message is one line: the file, the key (a tensor or header field) where one is known, what
/// is wrong with it, and what to do.
public final class CheckpointException extends RuntimeException {

    private final transient Path file;
    private final String key;

    /// @param file the file or folder in question
    /// @param key the tensor name or header field, or an empty string
    /// @param problem what was found and what was needed
    /// @param fix what the user can do
    public CheckpointException(Path file, String key, String problem, String fix) {
        super(line(file, key, problem, fix));
        this.file = file;
        this.key = key;
    }

    /// As above, keeping what went wrong underneath.
    public CheckpointException(Path file, String key, String problem, String fix, Throwable cause) {
        super(line(file, key, problem, fix), cause);
        this.file = file;
        this.key = key;
    }

    /// The file or folder in question.
    public Path file() {
        return file;
    }

    /// The tensor name or header field, or an empty string.
    public String key() {
        return key;
    }

    private static String line(Path file, String key, String problem, String fix) {
        var where = key.isEmpty() ? file.toString() : file + ": '" + printable(key) + "'";
        return where + ": " + printable(problem) + "; " + fix;
    }

    /// Names come from files that may be hostile: shorten them and keep them on one line.
    static String printable(String text) {
        var shown =
                text.length() <= 2000
                        ? text
                        : text.substring(0, 1500) + "…" + text.substring(text.length() - 100);
        return shown.replaceAll("\\p{Cntrl}", "?");
    }
}
