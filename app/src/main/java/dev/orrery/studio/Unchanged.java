package dev.orrery.studio;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// What was read from files, each read anew only when its size or its time of last change is
/// another.
///
/// @param <T> what is read from a file
final class Unchanged<T> {

    /// Reads a file.
    interface Reader<T> {
        T read(Path file) throws IOException;
    }

    private record Kept<T>(long bytes, FileTime changed, T value) {}

    private final Reader<T> reader;
    private final Map<Path, Kept<T>> kept = new ConcurrentHashMap<>();
    private final AtomicLong reads = new AtomicLong();

    Unchanged(Reader<T> reader) {
        this.reader = reader;
    }

    /// What a file holds.
    ///
    /// @throws IOException if there is no such file, or the reader throws it; it is asked again the
    ///   next time
    T of(Path file) throws IOException {
        var now = Files.readAttributes(file, BasicFileAttributes.class);
        var old = kept.get(file);
        if (old != null && old.bytes == now.size() && old.changed.equals(now.lastModifiedTime())) {
            return old.value;
        }
        reads.incrementAndGet();
        var value = reader.read(file);
        kept.put(file, new Kept<>(now.size(), now.lastModifiedTime(), value));
        return value;
    }

    /// Forgets all other files.
    void retain(Set<Path> files) {
        kept.keySet().retainAll(files);
    }

    /// How many times a file was read.
    long reads() {
        return reads.get();
    }
}
