package dev.orrery.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalLong;

/// Writes a file so that it is either wholly there or not there at all.
///
/// The content goes to a temporary name in the same folder, is forced to the disk, is renamed over
/// the target, and the folder is forced too. A crash, a kill or a full disk at any moment leaves
/// the previous file as it was.
public final class AtomicFile {

    /// Ending of temporary files; a file so named was never finished and may be deleted.
    public static final String UNFINISHED = ".unfinished";

    /// Puts the content into an open channel.
    @FunctionalInterface
    public interface Content {
        void writeTo(FileChannel channel) throws IOException;
    }

    private AtomicFile() {}

    /// Writes `content` to `target`, replacing what was there.
    ///
    /// @param bytes how many bytes will be written, for the message when the disk is full
    /// @throws CheckpointException when the folder cannot be written or the disk is full; the
    ///   previous file is untouched
    public static void write(Path target, long bytes, Content content) {
        var absolute = target.toAbsolutePath();
        var folder =
                Optional.ofNullable(absolute.getParent())
                        .orElseThrow(() ->
                                new CheckpointException(
                                        target, "", "is not a file name", "name a file"));
        var temporary = temporaryBeside(absolute, folder);
        try {
            Files.createDirectories(folder);
            try (var channel =
                    FileChannel.open(
                            temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                content.writeTo(channel);
                channel.force(true);
            }
            move(temporary, absolute);
            forceFolder(folder);
        } catch (IOException e) {
            throw new CheckpointException(
                    target,
                    "",
                    "%d bytes could not be written (%s%s)"
                            .formatted(bytes, cause(e), isFull(e) ? space(folder) : ""),
                    (isFull(e) ? "free some space or choose" : "choose")
                            + " another folder; what was saved before is intact",
                    e);
        } finally {
            deleteQuietly(temporary);
        }
    }

    /// Deletes what interrupted writes left in a folder. For folders that only this process writes
    /// to.
    public static void sweep(Path folder) {
        try (var files = Files.newDirectoryStream(folder, ".*" + UNFINISHED)) {
            for (var file : files) Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new CheckpointException(
                    folder, "", "cannot be tidied (" + e + ")", "check its permissions", e);
        }
    }

    /// Forces a folder's entries to the disk; does nothing where the system has no such call.
    static void forceFolder(Path folder) {
        try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException _) {
            // Windows cannot open a folder; its rename is journalled.
            return;
        }
    }

    static void move(Path from, Path to) throws IOException {
        try {
            Files.move(
                    from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException("the file system cannot rename atomically", e);
        }
    }

    private static Path temporaryBeside(Path target, Path folder) {
        var name = Optional.ofNullable(target.getFileName()).orElse(target);
        return folder.resolve(
                "."
                        + name
                        + "."
                        + ProcessHandle.current().pid()
                        + "."
                        + System.nanoTime()
                        + UNFINISHED);
    }

    private static String cause(IOException e) {
        if (e instanceof FileAlreadyExistsException) return "a file is where a folder is needed";
        if (e instanceof FileSystemException named && named.getReason() != null)
            return named.getReason();
        return Optional.ofNullable(e.getMessage()).orElse(e.getClass().getSimpleName());
    }

    private static boolean isFull(IOException e) {
        var said = String.valueOf(e.getMessage());
        return said.contains("No space left") || said.contains("not enough space");
    }

    private static String space(Path folder) {
        var free = free(folder);
        return free.isPresent()
                ? "; %d bytes free there".formatted(free.getAsLong())
                : "; free space unknown";
    }

    private static OptionalLong free(Path folder) {
        try {
            return OptionalLong.of(Files.getFileStore(folder).getUsableSpace());
        } catch (IOException _) {
            return OptionalLong.empty();
        }
    }

    private static void deleteQuietly(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException _) {
            // The failure that matters has been reported already.
            return;
        }
    }
}
