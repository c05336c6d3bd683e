package dev.orrery.data.parquet;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Writes the Thrift compact protocol.
final class ThriftWriter {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final int[] lastField = new int[16];
    private int depth;

    byte[] toBytes() {
        return out.toByteArray();
    }

    ThriftWriter integer(int id, long value) {
        header(id, ThriftReader.I64);
        zigzag(value);
        return this;
    }

    ThriftWriter i32(int id, int value) {
        header(id, ThriftReader.I32);
        zigzag(value);
        return this;
    }

    ThriftWriter bool(int id, boolean value) {
        header(id, value ? ThriftReader.TRUE : ThriftReader.FALSE);
        return this;
    }

    ThriftWriter byteValue(int id, int value) {
        header(id, ThriftReader.BYTE);
        out.write(value);
        return this;
    }

    ThriftWriter string(int id, String value) {
        header(id, ThriftReader.BINARY);
        text(value);
        return this;
    }

    ThriftWriter list(int id, int type, int size) {
        header(id, ThriftReader.LIST);
        if (size < 15) {
            out.write(size << 4 | type);
        } else {
            out.write(0xf0 | type);
            varint(size);
        }
        return this;
    }

    /// A string that is an element of a list.
    ThriftWriter text(String value) {
        var utf8 = value.getBytes(StandardCharsets.UTF_8);
        varint(utf8.length);
        out.writeBytes(utf8);
        return this;
    }

    /// An integer that is an element of a list.
    ThriftWriter element(long value) {
        zigzag(value);
        return this;
    }

    /// Opens a struct that is a field.
    ThriftWriter open(int id) {
        header(id, ThriftReader.STRUCT);
        return open();
    }

    /// Opens a struct that is an element of a list.
    ThriftWriter open() {
        lastField[++depth] = 0;
        return this;
    }

    /// Ends the struct opened last, or the outermost one.
    ThriftWriter close() {
        out.write(ThriftReader.STOP);
        if (depth > 0) depth--;
        return this;
    }

    private void header(int id, int type) {
        int delta = id - lastField[depth];
        if (delta > 0 && delta < 16) {
            out.write(delta << 4 | type);
        } else {
            out.write(type);
            zigzag(id);
        }
        lastField[depth] = id;
    }

    private void zigzag(long value) {
        varint(value << 1 ^ value >> 63);
    }

    private void varint(long value) {
        while ((value & ~0x7fL) != 0) {
            out.write((int) (value & 0x7f | 0x80));
            value >>>= 7;
        }
        out.write((int) value);
    }
}
