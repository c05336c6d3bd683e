package dev.orrery.data.wire;

import dev.orrery.data.wire.Value.Array;
import dev.orrery.data.wire.Value.Bytes;
import dev.orrery.data.wire.Value.Fields;
import dev.orrery.data.wire.Value.Flag;
import dev.orrery.data.wire.Value.Items;
import dev.orrery.data.wire.Value.Nothing;
import dev.orrery.data.wire.Value.Real;
import dev.orrery.data.wire.Value.Text;
import dev.orrery.data.wire.Value.Whole;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/// Writes messages as MessagePack, with NumPy arrays as openpi writes them: a map whose keys are
/// the bytes `__ndarray__`, `data`, `dtype` and `shape`. [Unpacker] reads them.
///
/// Source: the MessagePack specification (msgpack.org); openpi's client package.
public final class MsgPack {

    static final String ARRAY = "__ndarray__",
            SCALAR = "__npgeneric__",
            DATA = "data",
            DTYPE = "dtype",
            SHAPE = "shape";

    private final DataOutputStream out;

    private MsgPack(DataOutputStream out) {
        this.out = out;
    }

    /// The bytes of a message.
    public static byte[] write(Value value) {
        var bytes = new ByteArrayOutputStream();
        try {
            new MsgPack(new DataOutputStream(bytes)).put(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /// The message that these bytes are.
    ///
    /// @throws WireException if they are not one whole message; it names the byte
    public static Value read(byte[] bytes) {
        return Unpacker.read(bytes);
    }

    /// The dictionary that these bytes are.
    ///
    /// @throws WireException if they are anything else
    public static Fields readFields(byte[] bytes) {
        var value = read(bytes);
        if (value instanceof Fields fields) {
            return fields;
        }
        throw new WireException(
                "the message is %s; send a dictionary".formatted(Value.kind(value)));
    }

    private void put(Value value) throws IOException {
        switch (value) {
            case Nothing _ -> out.writeByte(0xc0);
            case Flag(var flag) -> out.writeByte(flag ? 0xc3 : 0xc2);
            case Whole(var whole) -> put(whole);
            case Real(var real) -> {
                out.writeByte(0xcb);
                out.writeDouble(real);
            }
            case Text(var text) -> put(text);
            case Bytes(var bytes) -> put(bytes);
            case Array(var array) -> put(array);
            case Items(var items) -> put(items);
            case Fields(var entries) -> {
                head(entries.size(), 0x80, 15, 0xde);
                for (var entry : entries.entrySet()) {
                    put(entry.getKey());
                    put(entry.getValue());
                }
            }
        }
    }

    private void put(long whole) throws IOException {
        if (whole >= -32 && whole <= 127) {
            out.writeByte((int) whole);
        } else if (whole == (int) whole) {
            out.writeByte(0xd2);
            out.writeInt((int) whole);
        } else {
            out.writeByte(0xd3);
            out.writeLong(whole);
        }
    }

    private void put(String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= 31) {
            out.writeByte(0xa0 | bytes.length);
        } else {
            length(bytes.length, 0xd9);
        }
        out.write(bytes);
    }

    private void put(byte[] bytes) throws IOException {
        length(bytes.length, 0xc4);
        out.write(bytes);
    }

    /// A length as one, two or four bytes; the codes of the three follow each other.
    private void length(int length, int code) throws IOException {
        if (length <= 0xff) {
            out.writeByte(code);
            out.writeByte(length);
        } else if (length <= 0xffff) {
            out.writeByte(code + 1);
            out.writeShort(length);
        } else {
            out.writeByte(code + 2);
            out.writeInt(length);
        }
    }

    /// A number of entries: in the first byte if it is small, else as two or four bytes.
    private void head(int count, int small, int most, int code) throws IOException {
        if (count <= most) {
            out.writeByte(small | count);
        } else if (count <= 0xffff) {
            out.writeByte(code);
            out.writeShort(count);
        } else {
            out.writeByte(code + 1);
            out.writeInt(count);
        }
    }

    private void put(List<Value> items) throws IOException {
        head(items.size(), 0x90, 15, 0xdc);
        for (var item : items) {
            put(item);
        }
    }

    private void put(NdArray array) throws IOException {
        var shape = java.util.Arrays.stream(array.shape()).<Value>mapToObj(Whole::new).toList();
        out.writeByte(0x84);
        for (var part :
                List.<Map.Entry<String, Value>>of(
                        Map.entry(ARRAY, new Flag(true)),
                        Map.entry(DATA, new Bytes(array.data())),
                        Map.entry(DTYPE, new Text(array.dtype())),
                        Map.entry(SHAPE, new Items(shape)))) {
            put(part.getKey().getBytes(StandardCharsets.US_ASCII));
            put(part.getValue());
        }
    }
}
