package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// Keeps a folder for one writer at a time, by a lock that the system takes back when the process
/// ends, however it ends.
final class WriterLock {

    private static final String FILE = ".writing";

    private final Path file;
    private final FileChannel channel;

    private WriterLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /// Takes the folder.
    ///
    /// @throws IllegalArgumentException if another writer has it
    /// @throws DatasetException if the folder cannot be written
    static WriterLock take(Path folder) {
        return tryTake(folder)
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                folder
                                        + " is being written by another program; wait until it is done"));
    }

    /// Takes the folder, if no other writer has it.
    static Optional<WriterLock> tryTake(Path folder) {
        var file = folder.resolve(FILE);
        try {
            var channel =
                    FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (lock(channel).isPresent()) return Optional.of(new WriterLock(file, channel));
            channel.close();
            return Optional.empty();
        } catch (IOException e) {
            throw DatasetException.at(folder, "cannot be written", e);
        }
    }

    private static Optional<FileLock> lock(FileChannel channel) throws IOException {
        try {
            return Optional.ofNullable(channel.tryLock());
        } catch (OverlappingFileLockException _) {
            return Optional.empty();
        }
    }

    /// Gives the folder back.
    void release() {
        try (channel) {
            Files.deleteIfExists(file);
        } catch (IOException _) {
            // A file that is left over locks nobody out.
        }
    }
}
