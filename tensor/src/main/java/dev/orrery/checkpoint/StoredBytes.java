package dev.orrery.checkpoint;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;

/// What a store keeps under a key: a part of a file, or of a node that was read already.
///
/// @param file what holds it
/// @param begin its first byte, in the file or in the node
/// @param length how many bytes
/// @param node the node that holds it
record StoredBytes(Path file, long begin, long length, Optional<byte[]> node) {

    static StoredBytes in(Path file, long begin, long length) {
        return new StoredBytes(file, begin, length, Optional.empty());
    }

    /// So many of its bytes.
    StoredBytes part(long from, long bytes) {
        return new StoredBytes(file, begin + from, bytes, node);
    }

    /// Its bytes, one after another.
    InputStream open() throws IOException {
        if (node.isPresent())
            return new ByteArrayInputStream(node.get(), (int) begin, (int) length);
        var channel = FileChannel.open(file);
        return new BoundedInput(Channels.newInputStream(channel.position(begin)), length);
    }

    /// All its bytes, which the caller knows to be few.
    byte[] read() throws IOException {
        try (var in = open()) {
            var bytes = in.readNBytes(Math.toIntExact(length));
            if (bytes.length < length) throw new IOException("the file ends before it should");
            return bytes;
        }
    }
}
