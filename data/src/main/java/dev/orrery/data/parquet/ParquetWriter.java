package dev.orrery.data.parquet;

import dev.orrery.data.DatasetException;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Writes a Parquet file, one row group at a time.
///
/// Until [#close] the file has the name `NAME.partial`; each row group is on disk once [#write]
/// returns, so that [ParquetSalvage] can rescue it after a crash.
public final class ParquetWriter implements Closeable {

    private static final byte[] MAGIC = {'P', 'A', 'R', '1'};

    private final Path path, partial;
    private final List<Field> schema;
    private final List<Leaf> leaves;
    private final Map<String, String> metadata;
    private final FileChannel channel;
    private final List<Group> groups = new ArrayList<>();
    private long size, rows;
    private boolean closed;

    private record Group(long rows, List<ChunkWriter> chunks) {}

    private ParquetWriter(Path path, List<Field> schema, Map<String, String> metadata)
            throws IOException {
        this.path = path;
        this.partial = path.resolveSibling(path.getFileName() + ".partial");
        this.schema = List.copyOf(schema);
        this.leaves = Leaf.of(schema);
        this.metadata = metadata;
        Files.createDirectories(path.toAbsolutePath().getParent());
        this.channel =
                FileChannel.open(
                        partial,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
        put(MAGIC);
    }

    /// Begins a file.
    ///
    /// @param metadata key-value metadata for the footer
    /// @throws DatasetException if it cannot be created
    public static ParquetWriter create(
            Path path, List<Field> schema, Map<String, String> metadata) {
        try {
            return new ParquetWriter(path, schema, metadata);
        } catch (IOException e) {
            throw DatasetException.at(path, "cannot be created", e);
        }
    }

    /// The leaves to write, in order.
    public List<Leaf> leaves() {
        return leaves;
    }

    /// Bytes written up to now.
    public long size() {
        return size;
    }

    /// Writes one row group.
    ///
    /// @param columns the leaves' data, in schema order
    /// @throws IllegalArgumentException if columns are missing or differ in rows
    /// @throws DatasetException if the disk is full or fails
    public void write(List<ColumnData> columns) {
        if (columns.size() != leaves.size()) {
            throw new IllegalArgumentException(
                    "%s: %d columns for %d leaves".formatted(path, columns.size(), leaves.size()));
        }
        int count = columns.getFirst().rows();
        for (int i = 0; i < columns.size(); i++) {
            var column = columns.get(i);
            if (column.rows() != count || !column.leaf().equals(leaves.get(i))) {
                throw new IllegalArgumentException(
                        "%s: column '%s' has %d rows, others %d"
                                .formatted(path, column.leaf().title(), column.rows(), count));
            }
        }
        long before = size;
        try {
            var bytes = new ByteArrayOutputStream();
            var chunks = new ArrayList<ChunkWriter>();
            for (var column : columns)
                chunks.add(ChunkWriter.write(column, before + bytes.size(), bytes));
            put(bytes.toByteArray());
            groups.add(new Group(count, chunks));
            rows += count;
        } catch (IOException e) {
            cut(before);
            throw DatasetException.at(path, "cannot be written", e);
        }
    }

    /// Takes back what was written of a row group that failed.
    private void cut(long length) {
        try {
            channel.truncate(length);
            size = length;
        } catch (IOException _) {
            // The first failure is the one to report.
        }
    }

    private void put(byte[] bytes) throws IOException {
        var buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) channel.write(buffer);
        size += bytes.length;
    }

    /// Writes the footer and gives the file its name.
    ///
    /// @throws DatasetException if the disk is full or fails; the file then keeps its partial name
    @Override
    public void close() {
        if (closed) return;
        closed = true;
        try (channel) {
            var footer = footer();
            put(footer);
            put(
                    ByteBuffer.allocate(4)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putInt(footer.length)
                            .array());
            put(MAGIC);
            channel.force(true);
        } catch (IOException e) {
            throw DatasetException.at(path, "cannot be finished", e);
        }
        try {
            move();
        } catch (IOException e) {
            throw DatasetException.at(path, "cannot be renamed from " + partial, e);
        }
    }

    private void move() throws IOException {
        try {
            Files.move(
                    partial,
                    path,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException _) {
            Files.move(partial, path, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /// Gives up the file.
    public void discard() {
        if (closed) return;
        closed = true;
        try (channel) {
            Files.deleteIfExists(partial);
        } catch (IOException e) {
            throw DatasetException.at(partial, "cannot be deleted", e);
        }
    }

    private byte[] footer() {
        var out = new ThriftWriter();
        out.i32(1, 2);
        var elements = new ArrayList<Field>();
        schema.forEach(field -> flatten(field, elements));
        out.list(2, ThriftReader.STRUCT, elements.size() + 1);
        out.open().string(4, "schema").i32(5, schema.size()).close();
        for (var field : elements) element(out, field);
        out.integer(3, rows);
        out.list(4, ThriftReader.STRUCT, groups.size());
        for (var group : groups) {
            out.open().list(1, ThriftReader.STRUCT, group.chunks().size());
            group.chunks().forEach(chunk -> chunk.describe(out));
            out.integer(2, group.chunks().stream().mapToLong(ChunkWriter::uncompressed).sum());
            out.integer(3, group.rows()).close();
        }
        if (!metadata.isEmpty()) {
            out.list(5, ThriftReader.STRUCT, metadata.size());
            metadata.forEach((key, value) -> out.open().string(1, key).string(2, value).close());
        }
        return out.string(6, "orrery").close().toBytes();
    }

    private static void flatten(Field field, List<Field> out) {
        out.add(field);
        if (field instanceof Field.Group group)
            group.children().forEach(child -> flatten(child, out));
    }

    private static void element(ThriftWriter out, Field field) {
        out.open();
        switch (field) {
            case Field.Primitive leaf -> {
                out.i32(1, leaf.physical().ordinal());
                if (leaf.length() > 0) out.i32(2, leaf.length());
                out.i32(3, leaf.repetition().ordinal()).string(4, leaf.name());
                meaning(out, leaf.meaning());
            }
            case Field.Group group -> {
                out.i32(3, group.repetition().ordinal())
                        .string(4, group.name())
                        .i32(5, group.children().size());
                meaning(out, group.meaning());
            }
        }
        out.close();
    }

    private static void meaning(ThriftWriter out, Field.Meaning meaning) {
        int converted = Meanings.toConverted(meaning);
        if (converted >= 0) out.i32(6, converted);
        Meanings.writeLogical(out, meaning);
    }
}
