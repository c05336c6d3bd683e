package dev.orrery.env;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// Writes files that are there whole or not at all.
public final class WholeFile {

    private WholeFile() {}

    /// What is put into a file.
    @FunctionalInterface
    public interface Content {
        /// Writes it to an open stream.
        void to(OutputStream out) throws IOException;
    }

    /// Writes a file, whose folder is made if need be; until all of it is written, what was there
    /// before stays.
    ///
    /// @throws IOException naming the file
    public static void write(Path file, Content content) throws IOException {
        var target = file.toAbsolutePath();
        var part = target.resolveSibling(target.getFileName() + ".tmp");
        try {
            Files.createDirectories(target.getParent());
            try (var out = new BufferedOutputStream(Files.newOutputStream(part))) {
                content.to(out);
            }
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            Files.deleteIfExists(part);
            throw e instanceof FileSystemException other && other.getReason() == null
                    ? other
                    : named(file, e);
        }
    }

    /// The same of a text, in UTF-8.
    ///
    /// @throws IOException naming the file
    public static void write(Path file, String text) throws IOException {
        write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static IOException named(Path file, IOException e) {
        var reason = e instanceof FileSystemException other ? other.getReason() : e.getMessage();
        var named = new FileSystemException(file.toString(), null, reason);
        named.initCause(e);
        return named;
    }

    /// Whether a disk is full.
    public static boolean isFull(Throwable e) {
        var said = String.valueOf(e.getMessage());
        return said.contains("No space left") || said.contains("not enough space");
    }
}
