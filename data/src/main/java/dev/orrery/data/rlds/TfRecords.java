package dev.orrery.data.rlds;

import dev.orrery.data.DatasetException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;

/// Files of records, each with checksums of its length and its bytes.
///
/// Source: the TFRecord format of TensorFlow.
public final class TfRecords {

    private static final int LARGEST = 1 << 30, STEP = 1 << 20;

    private TfRecords() {}

    /// The checksum as the format stores it.
    static int masked(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes);
        int value = (int) crc.getValue();
        return (value >>> 15 | value << 17) + 0xa282ead8;
    }

    /// Reads records one after another.
    public static final class Reader implements Closeable {
        private final Path path;
        private final InputStream in;
        private int number;

        private Reader(Path path, InputStream in) {
            this.path = path;
            this.in = in;
        }

        /// Opens a file.
        ///
        /// @throws DatasetException if it cannot be opened
        public static Reader open(Path path) {
            try {
                return new Reader(path, new BufferedInputStream(Files.newInputStream(path)));
            } catch (IOException e) {
                throw DatasetException.at(path, "cannot be opened", e);
            }
        }

        /// The next record, empty at the end.
        ///
        /// @throws DatasetException if the file is cut off or a checksum is wrong
        public Optional<byte[]> next() {
            try {
                var head = in.readNBytes(12);
                if (head.length == 0) return Optional.empty();
                if (head.length < 12) throw bad("is cut off");
                var buffer = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
                long length = buffer.getLong();
                if (buffer.getInt() != masked(java.util.Arrays.copyOf(head, 8)))
                    throw bad("has a length that fails its checksum");
                if (length < 0 || length > LARGEST) throw bad("claims %d bytes".formatted(length));
                var bytes = body((int) length);
                var sum = in.readNBytes(4);
                if (sum.length < 4) throw bad("is cut off");
                if (ByteBuffer.wrap(sum).order(ByteOrder.LITTLE_ENDIAN).getInt() != masked(bytes))
                    throw bad("fails its checksum");
                number++;
                return Optional.of(bytes);
            } catch (IOException e) {
                throw DatasetException.at(path, "record %d cannot be read".formatted(number), e);
            }
        }

        /// Reads in steps, so that a length that lies allocates little.
        private byte[] body(int length) throws IOException {
            var bytes = new byte[Math.min(length, STEP)];
            int filled = 0;
            while (filled < length) {
                if (filled == bytes.length)
                    bytes =
                            java.util.Arrays.copyOf(
                                    bytes, (int) Math.min(length, 2L * bytes.length));
                int n = in.readNBytes(bytes, filled, bytes.length - filled);
                filled += n;
                if (filled < bytes.length) throw bad("is cut off");
            }
            return bytes;
        }

        private DatasetException bad(String what) {
            return DatasetException.at(path, "record %d %s".formatted(number, what));
        }

        @Override
        public void close() {
            try {
                in.close();
            } catch (IOException e) {
                throw DatasetException.at(path, "cannot be closed", e);
            }
        }
    }

    /// Writes records one after another.
    public static final class Writer implements Closeable {
        private final Path path;
        private final OutputStream out;

        private Writer(Path path, OutputStream out) {
            this.path = path;
            this.out = out;
        }

        /// Begins a file.
        ///
        /// @throws DatasetException if it cannot be created
        public static Writer create(Path path) {
            try {
                return new Writer(path, new BufferedOutputStream(Files.newOutputStream(path)));
            } catch (IOException e) {
                throw DatasetException.at(path, "cannot be created", e);
            }
        }

        /// Adds a record.
        public void add(byte[] record) {
            var length =
                    ByteBuffer.allocate(8)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(record.length)
                            .array();
            try {
                out.write(length);
                out.write(little(masked(length)));
                out.write(record);
                out.write(little(masked(record)));
            } catch (IOException e) {
                throw DatasetException.at(path, "cannot be written", e);
            }
        }

        private static byte[] little(int value) {
            return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
        }

        @Override
        public void close() {
            try {
                out.close();
            } catch (IOException e) {
                throw DatasetException.at(path, "cannot be finished", e);
            }
        }
    }
}
