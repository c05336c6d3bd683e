package dev.orrery.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Sees before long work that its result can be written.
final class Place {

    private Place() {}

    /// Makes a folder, if it is not there, and sees that files can be written there.
    ///
    /// @param option that names it
    /// @throws IllegalArgumentException naming the folder and why it cannot be used
    static Path folder(String option, Path folder) {
        try {
            Files.createDirectories(folder);
            Files.delete(Files.createTempFile(folder, ".orrery", ""));
            return folder;
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "%s %s cannot be written: %s; choose another folder"
                            .formatted(option, folder, reason(e)),
                    e);
        }
    }

    /// The same of the folder that a file will lie in.
    static void file(String option, Path file) {
        folder(option, file.toAbsolutePath().getParent());
    }

    private static String reason(IOException e) {
        return switch (e) {
            case FileAlreadyExistsException _ -> "a file of that name is there";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            case FileSystemException other -> "no permission for " + other.getFile();
            default -> String.valueOf(e.getMessage());
        };
    }
}
