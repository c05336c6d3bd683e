package dev.orrery.replay;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// One step to be stored, filled column by column and used again for the next.
public final class Row {

    private final Schema schema;
    private final MemorySegment values;
    private final long[] bases;
    private long step, episode;

    public Row(Schema schema) {
        this.schema = schema;
        values = MemorySegment.ofArray(new byte[schema.rowBytes()]);
        bases = schema.bases(1);
    }

    /// Says which step of which episode follows, for messages.
    public Row at(long episode, long step) {
        this.episode = episode;
        this.step = step;
        return this;
    }

    /// Sets a column of numbers from part of an array.
    ///
    /// @throws IllegalArgumentException if one is not finite; the message names column, step and
    ///   episode
    public Row set(String name, float[] from, int offset) {
        var column = schema.column(name, Column.Kind.F32, Column.Kind.F16);
        long base = bases[schema.place(name)];
        for (int i = 0; i < column.width(); i++) {
            float value = from[offset + i];
            if (!Float.isFinite(value))
                throw new IllegalArgumentException(
                        "'%s'[%d] is %s at step %d of episode %d; the world must give finite numbers"
                                .formatted(name, i, value, step, episode));
            put(column.kind(), base, i, value);
        }
        return this;
    }

    private void put(Column.Kind kind, long base, int i, float value) {
        if (kind == Column.Kind.F32)
            values.set(ValueLayout.JAVA_FLOAT_UNALIGNED, base + 4L * i, value);
        else
            values.set(
                    ValueLayout.JAVA_SHORT_UNALIGNED, base + 2L * i, Float.floatToFloat16(value));
    }

    /// Sets a column of one number.
    public Row set(String name, double value) {
        return set(name, new float[] {(float) value}, 0);
    }

    /// Sets a column of whole numbers from part of an array.
    public Row set(String name, int[] from, int offset) {
        var column = schema.column(name, Column.Kind.I32);
        MemorySegment.copy(
                from,
                offset,
                values,
                ValueLayout.JAVA_INT_UNALIGNED,
                bases[schema.place(name)],
                column.width());
        return this;
    }

    /// Sets a column of bytes from part of an array.
    public Row set(String name, byte[] from, int offset) {
        var column = schema.column(name, Column.Kind.U8);
        MemorySegment.copy(
                from,
                offset,
                values,
                ValueLayout.JAVA_BYTE,
                bases[schema.place(name)],
                column.width());
        return this;
    }

    /// Sets a column of one byte to 1 or 0.
    public Row set(String name, boolean value) {
        return set(name, new byte[] {(byte) (value ? 1 : 0)}, 0);
    }

    /// Sets a column of one whole number, which must be below a bound.
    ///
    /// @throws IllegalArgumentException if it is not; the message names column, step and episode
    public Row set(String name, int value, int bound) {
        if (value < 0 || value >= bound)
            throw new IllegalArgumentException(
                    "'%s' is %d at step %d of episode %d; it must be from 0 to %d"
                            .formatted(name, value, step, episode, bound - 1));
        return set(name, new int[] {value}, 0);
    }

    MemorySegment values() {
        return values;
    }

    long base(int column) {
        return bases[column];
    }
}
