package dev.orrery.data.parquet;

import dev.orrery.data.DatasetException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An open Parquet file.
///
/// Reading is safe from several threads at once; each read goes to the file on its own.
public final class ParquetFile implements Closeable {

    static final int MAGIC = 0x31524150; // "PAR1", little-endian

    private final Path path;
    private final FileChannel channel;
    private final long size;
    private final Footer footer;
    private final List<Leaf> leaves;
    private final long[] firstRows;

    private ParquetFile(Path path, FileChannel channel, long size, Footer footer) {
        this.path = path;
        this.channel = channel;
        this.size = size;
        this.footer = footer;
        this.leaves = Leaf.of(footer.schema());
        this.firstRows = new long[footer.groups().size() + 1];
        for (int g = 0; g < footer.groups().size(); g++) {
            firstRows[g + 1] = firstRows[g] + footer.groups().get(g).rows();
        }
    }

    /// Opens a file and reads its footer.
    ///
    /// @throws DatasetException if it is missing, cut off, damaged, or no Parquet file
    public static ParquetFile open(Path path) {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ);
            long size = channel.size();
            var file = new ParquetFile(path, channel, size, footer(path, channel, size));
            file.checkLayout();
            return file;
        } catch (NoSuchFileException _) {
            throw DatasetException.at(path, "there is no such file");
        } catch (IOException | RuntimeException e) {
            close(channel);
            if (e instanceof DatasetException known
                    && known.getMessage().startsWith(path.toString())) throw known;
            throw DatasetException.at(path, "cannot be read as Parquet", e);
        }
    }

    private static void close(FileChannel channel) {
        try {
            if (channel != null) channel.close();
        } catch (IOException _) {
            // The first failure is the one to report.
        }
    }

    private static Footer footer(Path path, FileChannel channel, long size) throws IOException {
        if (size < 12)
            throw DatasetException.at(path, "has %d bytes, too few for Parquet".formatted(size));
        var tail = ByteBuffer.wrap(read(channel, size - 8, 8)).order(ByteOrder.LITTLE_ENDIAN);
        int length = tail.getInt(0);
        if (tail.getInt(4) != MAGIC) {
            boolean cut =
                    ByteBuffer.wrap(read(channel, 0, 4)).order(ByteOrder.LITTLE_ENDIAN).getInt()
                            == MAGIC;
            throw DatasetException.at(
                    path,
                    cut
                            ? "has no footer; the writer was stopped before it finished. Complete row"
                                    + " groups can be rescued with 'orrery data repair'"
                            : "is no Parquet file");
        }
        if (length < 0 || length > size - 12) {
            throw DatasetException.at(
                    path, "claims a footer of %d bytes".formatted(length & 0xffffffffL));
        }
        return Footer.parse(read(channel, size - 8 - length, length));
    }

    private void checkLayout() {
        long total = 0;
        for (var group : footer.groups()) {
            if (group.rows() < 0)
                throw DatasetException.at(path, "a row group has " + group.rows() + " rows");
            total += group.rows();
            for (var chunk : group.chunks()) {
                if (chunk.start() < 0
                        || chunk.length() < 0
                        || chunk.values() < 0
                        || chunk.length() > size - chunk.start()) {
                    throw DatasetException.at(
                            path,
                            "a column chunk at %d of %d bytes lies outside the file of %d"
                                    .formatted(chunk.start(), chunk.length(), size));
                }
            }
        }
        if (total != footer.rows()) {
            throw DatasetException.at(
                    path, "claims %d rows, its row groups hold %d".formatted(footer.rows(), total));
        }
    }

    /// The path that the file was opened by.
    public Path path() {
        return path;
    }

    /// The top-level fields.
    public List<Field> schema() {
        return footer.schema();
    }

    /// The leaves of the schema, in order.
    public List<Leaf> leaves() {
        return leaves;
    }

    /// The leaves below one top-level field, in order; empty if there is no such field.
    public List<Leaf> leaves(String top) {
        return leaves.stream().filter(leaf -> leaf.top().equals(top)).toList();
    }

    /// The first leaf below a top-level field.
    public Optional<Leaf> leaf(String top) {
        return leaves.stream().filter(leaf -> leaf.top().equals(top)).findFirst();
    }

    /// The key-value metadata of the file.
    public Map<String, String> metadata() {
        return footer.metadata();
    }

    /// The number of row groups.
    public int groups() {
        return footer.groups().size();
    }

    /// The number of rows of all groups.
    public long rows() {
        return footer.rows();
    }

    /// The number of rows of one group.
    public long rows(int group) {
        return footer.groups().get(group).rows();
    }

    /// The number of the first row of a group.
    public long firstRow(int group) {
        return firstRows[group];
    }

    /// The group that holds a row.
    public int groupOf(long row) {
        if (row < 0 || row >= rows()) {
            throw DatasetException.at(path, "has no row %d; it has %d rows".formatted(row, rows()));
        }
        int found = Arrays.binarySearch(firstRows, row);
        if (found < 0) return -found - 2;
        while (footer.groups().get(found).rows() == 0) found++;
        return found;
    }

    /// The compressed bytes that one leaf takes in one group.
    public long bytes(int group, Leaf leaf) {
        return footer.groups().get(group).chunks().get(leaf.index()).length();
    }

    /// Bytes of all columns before compression.
    public long uncompressedBytes() {
        return footer.groups().stream()
                .flatMap(g -> g.chunks().stream())
                .mapToLong(Footer.Chunk::uncompressed)
                .sum();
    }

    /// Reads one leaf of one row group.
    ///
    /// @throws DatasetException if its pages are damaged or hold another number of rows
    public ColumnData read(int group, Leaf leaf) {
        var rowGroup = footer.groups().get(group);
        var chunk = rowGroup.chunks().get(leaf.index());
        try {
            if (chunk.length() > Integer.MAX_VALUE - 8) {
                throw new DatasetException(
                        "takes %d bytes in one row group; 2 GB is the most"
                                .formatted(chunk.length()));
            }
            var bytes = read(channel, chunk.start(), (int) chunk.length());
            var data = ChunkReader.read(leaf, chunk.codec(), bytes, chunk.values());
            if (data.rows() != rowGroup.rows()) {
                throw new DatasetException(
                        "holds %d rows instead of %d".formatted(data.rows(), rowGroup.rows()));
            }
            return data;
        } catch (IOException | RuntimeException e) {
            throw DatasetException.at(
                    path,
                    "column '%s' of row group %d cannot be read".formatted(leaf.title(), group),
                    e);
        }
    }

    private static byte[] read(FileChannel channel, long start, int length) throws IOException {
        var buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, start + buffer.position()) < 0) {
                throw new IOException("the file ends at byte " + (start + buffer.position()));
            }
        }
        return buffer.array();
    }

    @Override
    public void close() {
        close(channel);
    }
}
