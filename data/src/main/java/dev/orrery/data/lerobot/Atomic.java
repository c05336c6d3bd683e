package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;

/// Writes files beside their place and moves them there when they are complete.
final class Atomic {

    private Atomic() {}

    /// Replaces a file by bytes.
    static void write(Path path, byte[] bytes) {
        replace(
                path,
                partial -> {
                    try {
                        Files.write(partial, bytes);
                    } catch (IOException e) {
                        throw DatasetException.at(path, "cannot be written", e);
                    }
                },
                ".partial");
    }

    /// Replaces a file by what `write` puts under another name in the same folder.
    ///
    /// @param ending what the other name ends with
    static void replace(Path path, Consumer<Path> write, String ending) {
        try {
            Files.createDirectories(path.toAbsolutePath().getParent());
            var partial = path.resolveSibling(path.getFileName() + ending);
            write.accept(partial);
            try (var channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            move(partial, path);
        } catch (IOException e) {
            throw DatasetException.at(path, "cannot be written", e);
        }
    }

    static void move(Path from, Path to) throws IOException {
        try {
            Files.move(
                    from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException _) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /// Deletes a folder and all in it, if it is there.
    static void delete(Path folder) {
        if (!Files.exists(folder)) return;
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(java.util.Comparator.reverseOrder()).toList())
                Files.delete(file);
        } catch (IOException e) {
            throw DatasetException.at(folder, "cannot be deleted", e);
        }
    }
}
