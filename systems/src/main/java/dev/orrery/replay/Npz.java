package dev.orrery.replay;

import dev.orrery.checkpoint.AtomicFile;
import dev.orrery.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// NumPy's archive of arrays, not compressed, so that it can be used in place: one array `(steps,
/// width)` a column.
///
/// @param file the whole file, mapped
/// @param bases where each column's first element lies
/// @param steps rows of each array
record Npz(MemorySegment file, long[] bases, int steps) {

    private static final int LOCAL_HEADER = 0x04034b50, LOCAL_BYTES = 30;
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// Writes the first `steps` rows of each column, whole or not at all.
    static void write(Path path, Schema schema, MemorySegment values, long[] bases, int steps) {
        long bytes = (long) steps * schema.rowBytes();
        AtomicFile.write(
                path,
                bytes,
                channel -> {
                    var out = new ZipOutputStream(Channels.newOutputStream(channel));
                    out.setMethod(ZipOutputStream.STORED);
                    for (int c = 0; c < bases.length; c++) {
                        var column = schema.columns().get(c);
                        var array =
                                values.asSlice(bases[c], (long) steps * column.rowBytes())
                                        .toArray(ValueLayout.JAVA_BYTE);
                        entry(out, column, steps, array);
                    }
                    out.finish();
                    out.flush();
                });
    }

    private static void entry(ZipOutputStream out, Column column, int steps, byte[] array)
            throws IOException {
        var header = header(column, steps);
        var sum = new CRC32();
        sum.update(header);
        sum.update(array);
        var entry = new ZipEntry(column.name() + ".npy");
        entry.setTime(0);
        entry.setSize((long) header.length + array.length);
        entry.setCrc(sum.getValue());
        out.putNextEntry(entry);
        write(out, header, array);
        out.closeEntry();
    }

    private static void write(OutputStream out, byte[] header, byte[] array) throws IOException {
        out.write(header);
        out.write(array);
    }

    private static byte[] header(Column column, int steps) {
        var text =
                "{'descr': '%s', 'fortran_order': False, 'shape': (%d, %d), }"
                        .formatted(column.kind().numpy, steps, column.width());
        int length = (10 + text.length() + 1 + 63) / 64 * 64;
        var padded = text + " ".repeat(length - 11 - text.length()) + "\n";
        return ByteBuffer.allocate(length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 0x93)
                .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
                .put(new byte[] {1, 0})
                .putShort((short) (length - 10))
                .put(padded.getBytes(StandardCharsets.US_ASCII))
                .array();
    }

    /// Maps a file of this schema.
    ///
    /// @throws CheckpointException if it cannot be read or holds other columns
    static Npz map(Path path, Schema schema) {
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            var file =
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
            return parse(path, schema, file);
        } catch (IOException | IndexOutOfBoundsException e) {
            throw new CheckpointException(
                    path,
                    "",
                    "cannot be read: " + e.getMessage(),
                    "start without this replay, or restore the file",
                    e);
        }
    }

    private static Npz parse(Path path, Schema schema, MemorySegment file) {
        var bases = new long[schema.columns().size()];
        long at = 0;
        int steps = -1;
        for (int c = 0; c < bases.length; c++) {
            var column = schema.columns().get(c);
            if (file.get(INT, at) != LOCAL_HEADER) throw wrong(path, column, "is missing");
            int nameLength = file.get(SHORT, at + 26), extra = file.get(SHORT, at + 28);
            long size = Integer.toUnsignedLong(file.get(INT, at + 18));
            var name = text(file, at + LOCAL_BYTES, nameLength);
            long content = at + LOCAL_BYTES + nameLength + extra;
            if (!name.equals(column.name() + ".npy"))
                throw wrong(path, column, "is missing, there is " + name);
            int header = 10 + Short.toUnsignedInt(file.get(SHORT, content + 8));
            if (!text(file, content + 10, header - 10)
                    .contains("'descr': '%s'".formatted(column.kind().numpy)))
                throw wrong(path, column, "is of another type");
            long rows = (size - header) / column.rowBytes();
            if (rows * column.rowBytes() != size - header || steps >= 0 && rows != steps)
                throw wrong(path, column, "has another width or length");
            steps = (int) rows;
            bases[c] = content + header;
            at = content + size;
        }
        return new Npz(file, bases, Math.max(0, steps));
    }

    private static String text(MemorySegment file, long at, int length) {
        return new String(
                file.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII);
    }

    private static CheckpointException wrong(Path path, Column column, String what) {
        return new CheckpointException(
                path, column.name(), what, "it was saved with another configuration or world");
    }
}
