package dev.orrery.data.parquet;

import dev.orrery.data.DatasetException;
import java.nio.charset.StandardCharsets;

/// Reads the Thrift compact protocol from bytes, never past their end.
final class ThriftReader {

    static final int STOP = 0, TRUE = 1, FALSE = 2, BYTE = 3, I16 = 4, I32 = 5, I64 = 6;
    static final int DOUBLE = 7, BINARY = 8, LIST = 9, SET = 10, MAP = 11, STRUCT = 12;
    private static final int DEEPEST = 64;

    private final byte[] bytes;
    private final int end;
    private int at;
    private int depth;

    ThriftReader(byte[] bytes, int start, int end) {
        this.bytes = bytes;
        this.at = start;
        this.end = end;
    }

    int position() {
        return at;
    }

    /// What one field of a struct is handed to.
    interface Field {
        void read(int id, int type);
    }

    /// Reads a struct, handing each field to `field`, which must consume or [#skip] it.
    void struct(Field field) {
        if (++depth > DEEPEST)
            throw new DatasetException("thrift data nests deeper than " + DEEPEST);
        int id = 0;
        for (int header = u8(); header != STOP; header = u8()) {
            int delta = header >>> 4;
            id = delta == 0 ? (int) zigzag() : id + delta;
            field.read(id, header & 15);
        }
        depth--;
    }

    /// The number of elements of a list, whose type is checked; at most one per byte that is left.
    int list(int type) {
        int header = u8();
        long size = header >>> 4 == 15 ? varint() : header >>> 4;
        if ((header & 15) != type && size > 0) {
            throw new DatasetException(
                    "thrift list holds type %d where type %d belongs".formatted(header & 15, type));
        }
        return count(size);
    }

    private int count(long size) {
        if (size < 0 || size > end - at) {
            throw new DatasetException(
                    "thrift list claims %d elements in %d bytes".formatted(size, end - at));
        }
        return (int) size;
    }

    long integer(int type) {
        return switch (type) {
            case BYTE -> bytes[advance(1)];
            case I16, I32, I64 -> zigzag();
            default ->
                    throw new DatasetException("thrift field of type " + type + " is no integer");
        };
    }

    int i32(int type) {
        long value = integer(type);
        if (value != (int) value)
            throw new DatasetException("thrift integer " + value + " is too large");
        return (int) value;
    }

    boolean bool(int type) {
        return switch (type) {
            case TRUE -> true;
            case FALSE -> false;
            default ->
                    throw new DatasetException("thrift field of type " + type + " is no boolean");
        };
    }

    String string() {
        int length = count(varint());
        return new String(bytes, advance(length), length, StandardCharsets.UTF_8);
    }

    void skip(int type) {
        switch (type) {
            case TRUE, FALSE -> {}
            case BYTE -> advance(1);
            case I16, I32, I64 -> varint();
            case DOUBLE -> advance(8);
            case BINARY -> advance(count(varint()));
            case LIST, SET -> {
                int header = u8();
                int size = count(header >>> 4 == 15 ? varint() : header >>> 4);
                for (int i = 0; i < size; i++) skipElement(header & 15);
            }
            case MAP -> {
                int size = count(varint());
                if (size > 0) {
                    int types = u8();
                    for (int i = 0; i < size; i++) {
                        skipElement(types >>> 4);
                        skipElement(types & 15);
                    }
                }
            }
            case STRUCT -> struct((_, inner) -> skip(inner));
            default -> throw new DatasetException("unknown thrift type " + type);
        }
    }

    private void skipElement(int type) {
        if (type == TRUE || type == FALSE) advance(1);
        else skip(type);
    }

    private int u8() {
        return bytes[advance(1)] & 0xff;
    }

    private int advance(int length) {
        if (length > end - at) throw new DatasetException("thrift data ends early");
        int start = at;
        at += length;
        return start;
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int b = u8();
            value |= (long) (b & 0x7f) << shift;
            if (b < 0x80) return value;
        }
        throw new DatasetException("thrift integer is longer than 64 bits");
    }

    private long zigzag() {
        long value = varint();
        return value >>> 1 ^ -(value & 1);
    }
}
