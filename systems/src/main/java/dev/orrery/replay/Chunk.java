package dev.orrery.replay;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;

/// Consecutive steps of one stream, column after column, in memory or in a mapped file.
final class Chunk {

    static final int STEPS = 1024;

    private final Schema schema;
    private final long serial, start;
    private MemorySegment values;
    private long[] bases;
    private int steps;
    private Optional<Path> file = Optional.empty();
    private boolean changed = true, mapped;

    /// An empty chunk in memory.
    ///
    /// @param serial its age among all chunks
    /// @param start number of its first step in the stream
    Chunk(Schema schema, long serial, long start) {
        this.schema = schema;
        this.serial = serial;
        this.start = start;
        values = MemorySegment.ofArray(new byte[STEPS * schema.rowBytes()]);
        bases = schema.bases(STEPS);
    }

    /// A chunk that a file holds.
    static Chunk read(Schema schema, long serial, long start, Path file, boolean mapped) {
        var chunk = new Chunk(schema, serial, start);
        var stored = Npz.map(file, schema);
        chunk.steps = stored.steps();
        if (mapped) {
            chunk.onDisk(file, stored);
        } else {
            for (int c = 0; c < chunk.bases.length; c++)
                MemorySegment.copy(
                        stored.file(),
                        stored.bases()[c],
                        chunk.values,
                        chunk.bases[c],
                        (long) chunk.steps * schema.columns().get(c).rowBytes());
            chunk.file = Optional.of(file);
            chunk.changed = false;
        }
        return chunk;
    }

    private void onDisk(Path path, Npz stored) {
        file = Optional.of(path);
        values = stored.file();
        bases = stored.bases();
        mapped = true;
        changed = false;
    }

    void append(Row row) {
        for (int c = 0; c < bases.length; c++) {
            int bytes = schema.columns().get(c).rowBytes();
            MemorySegment.copy(
                    row.values(), row.base(c), values, bases[c] + (long) steps * bytes, bytes);
        }
        steps++;
        changed = true;
    }

    /// Moves the chunk to a file.
    void spill(Path path) {
        save(path);
        onDisk(path, Npz.map(path, schema));
    }

    /// Writes the chunk to a file and stays in memory.
    void save(Path path) {
        Npz.write(path, schema, values, bases, steps);
        file = Optional.of(path);
        changed = false;
    }

    /// Numbers of one step to part of an array.
    void floats(int column, int step, float[] into, int offset) {
        var c = schema.columns().get(column);
        long at = bases[column] + (long) step * c.rowBytes();
        if (c.kind() == Column.Kind.F32) {
            MemorySegment.copy(
                    values, ValueLayout.JAVA_FLOAT_UNALIGNED, at, into, offset, c.width());
            return;
        }
        for (int i = 0; i < c.width(); i++)
            into[offset + i] =
                    Float.float16ToFloat(values.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + 2L * i));
    }

    void ints(int column, int step, int[] into, int offset) {
        int width = schema.columns().get(column).width();
        long at = bases[column] + 4L * step * width;
        MemorySegment.copy(values, ValueLayout.JAVA_INT_UNALIGNED, at, into, offset, width);
    }

    void bytes(int column, int step, byte[] into, int offset) {
        int width = schema.columns().get(column).width();
        long at = bases[column] + (long) step * width;
        MemorySegment.copy(values, ValueLayout.JAVA_BYTE, at, into, offset, width);
    }

    /// Writes one column of one step again; chunks on disk stay as they are.
    void rewrite(int column, int step, MemorySegment from, long offset) {
        if (mapped) return;
        int bytes = schema.columns().get(column).rowBytes();
        MemorySegment.copy(from, offset, values, bases[column] + (long) step * bytes, bytes);
        changed = true;
    }

    long serial() {
        return serial;
    }

    long start() {
        return start;
    }

    int steps() {
        return steps;
    }

    boolean full() {
        return steps == STEPS;
    }

    boolean isMapped() {
        return mapped;
    }

    boolean isChanged() {
        return changed;
    }

    Optional<Path> file() {
        return file;
    }

    long bytes() {
        return (long) STEPS * schema.rowBytes();
    }
}
