package dev.orrery.data;

import dev.orrery.env.WholeFile;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;

/// A file of a data set that cannot be read, written or believed.
///
/// The message is one line. It names the file, the row, episode or key where there is one, what was
/// found, what is needed and what to do.
public final class DatasetException extends RuntimeException {

    private static final long serialVersionUID = 1;
    private static final int LONGEST = 2000;

    /// An error without a deeper cause.
    public DatasetException(String message) {
        super(oneLine(message));
    }

    /// An error with the failure that led to it.
    public DatasetException(String message, Throwable cause) {
        super(oneLine(message), cause);
    }

    /// An error about one file: `file: problem`.
    public static DatasetException at(Path file, String problem) {
        return new DatasetException(file + ": " + problem);
    }

    /// An error about one file with the failure that led to it.
    public static DatasetException at(Path file, String problem, Throwable cause) {
        return new DatasetException(file + ": " + problem + " (" + detail(cause) + ")", cause);
    }

    /// What a JSON parser says, without where it keeps silent about the source.
    public static String said(JacksonException e) {
        return e.getOriginalMessage()
                .replaceAll("( \\(start marker)? at \\[Source: [^]]*]\\)?", "");
    }

    private static String detail(Throwable cause) {
        return switch (cause) {
            case JacksonException json when json.getLocation() instanceof TokenStreamLocation at ->
                    "%s, line %d, column %d"
                            .formatted(said(json), at.getLineNr(), at.getColumnNr());
            case JacksonException json -> said(json);
            case NoSuchFileException missing -> "there is no " + missing.getFile();
            case Throwable full when WholeFile.isFull(full) ->
                    "the disk is full; free some space and give the command again";
            case FileSystemException locked
                    when "Read-only file system".equals(locked.getReason()) ->
                    "the file system is read-only; choose another folder";
            case AccessDeniedException denied -> "no permission for " + denied.getFile();
            case Throwable other when other.getMessage() == null ->
                    other.getClass().getSimpleName();
            case Throwable other -> other.getMessage();
        };
    }

    /// Names and texts in a message come from files that may be hostile.
    private static String oneLine(String message) {
        var shown =
                message.length() <= LONGEST
                        ? message
                        : message.substring(0, LONGEST - 200)
                                + "…"
                                + message.substring(message.length() - 199);
        return shown.replaceAll("\\s*\\R\\s*", " ").replaceAll("\\p{Cntrl}", "?");
    }
}
