package dev.orrery.data;

import java.nio.file.Path;

/// A file of a data set that cannot be read, written or believed.
///
/// The message names the file, the row, episode or key where there is one, what was found, what is
/// needed and what to do.
public final class DatasetException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /// An error without a deeper cause.
    public DatasetException(String message) {
        super(message);
    }

    /// An error with the failure that led to it.
    public DatasetException(String message, Throwable cause) {
        super(message, cause);
    }

    /// An error about one file: `file: problem`.
    public static DatasetException at(Path file, String problem) {
        return new DatasetException(file + ": " + problem);
    }

    /// An error about one file with the failure that led to it.
    public static DatasetException at(Path file, String problem, Throwable cause) {
        var detail =
                cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new DatasetException(file + ": " + problem + " (" + detail + ")", cause);
    }
}
