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
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Reads MessagePack from whoever sent it: every length is compared with what is left before
/// anything is allocated, and nesting is bounded.
final class Unpacker {

    private static final int DEEPEST = 32, MOST_VALUES = 100_000;

    private final ByteBuffer in;
    private int depth, values;

    private Unpacker(byte[] bytes) {
        in = ByteBuffer.wrap(bytes);
    }

    static Value read(byte[] bytes) {
        var unpacker = new Unpacker(bytes);
        var value = unpacker.value();
        if (unpacker.in.hasRemaining()) {
            throw unpacker.broken("%d bytes follow the message".formatted(unpacker.in.remaining()));
        }
        return value;
    }

    private Value value() {
        if (++values > MOST_VALUES) {
            throw broken(
                    "it holds more than %d values; send numbers as arrays".formatted(MOST_VALUES));
        }
        int code = next(1).get() & 0xff;
        if (code <= 0x7f || code >= 0xe0) {
            return new Whole((byte) code);
        }
        if (code <= 0x8f) {
            return entries(code & 0x0f);
        }
        if (code <= 0x9f) {
            return items(code & 0x0f);
        }
        if (code <= 0xbf) {
            return text(code & 0x1f);
        }
        return switch (code) {
            case 0xc0 -> new Nothing();
            case 0xc2, 0xc3 -> new Flag(code == 0xc3);
            case 0xc4, 0xc5, 0xc6 -> new Bytes(bytes(length(code - 0xc4)));
            case 0xca -> new Real(next(4).getFloat());
            case 0xcb -> new Real(next(8).getDouble());
            case 0xcc -> new Whole(next(1).get() & 0xff);
            case 0xcd -> new Whole(next(2).getShort() & 0xffff);
            case 0xce -> new Whole(next(4).getInt() & 0xffffffffL);
            case 0xcf -> unsigned(next(8).getLong());
            case 0xd0 -> new Whole(next(1).get());
            case 0xd1 -> new Whole(next(2).getShort());
            case 0xd2 -> new Whole(next(4).getInt());
            case 0xd3 -> new Whole(next(8).getLong());
            case 0xd9, 0xda, 0xdb -> text(length(code - 0xd9));
            case 0xdc, 0xdd -> items(length(code - 0xdb));
            case 0xde, 0xdf -> entries(length(code - 0xdd));
            default -> throw broken("code 0x%02x is not supported".formatted(code));
        };
    }

    private Value unsigned(long bits) {
        if (bits < 0) {
            throw broken(
                    "whole number %s has more than 63 bits".formatted(Long.toUnsignedString(bits)));
        }
        return new Whole(bits);
    }

    /// A length of 1, 2 or 4 bytes.
    private long length(int size) {
        return switch (size) {
            case 0 -> next(1).get() & 0xff;
            case 1 -> next(2).getShort() & 0xffff;
            default -> next(4).getInt() & 0xffffffffL;
        };
    }

    private ByteBuffer next(long count) {
        if (count > in.remaining()) {
            throw broken(
                    "%d bytes are announced and %d are there".formatted(count, in.remaining()));
        }
        return in;
    }

    private byte[] bytes(long count) {
        var bytes = new byte[(int) Math.min(count, next(count).remaining())];
        in.get(bytes);
        return bytes;
    }

    private Text text(long count) {
        try {
            return new Text(
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes(count)))
                            .toString());
        } catch (CharacterCodingException _) {
            throw broken("a text is not UTF-8");
        }
    }

    private Items items(long count) {
        next(count);
        enter();
        var items = new ArrayList<Value>();
        for (long i = 0; i < count; i++) {
            items.add(value());
        }
        depth--;
        return new Items(items);
    }

    private Value entries(long count) {
        next(2 * count);
        enter();
        var entries = new LinkedHashMap<String, Value>();
        for (long i = 0; i < count; i++) {
            var key = key();
            if (entries.put(key, value()) != null) {
                throw broken("'%s' occurs twice".formatted(key));
            }
        }
        depth--;
        if (entries.containsKey(MsgPack.ARRAY)) {
            return array(entries);
        }
        return entries.containsKey(MsgPack.SCALAR) ? scalar(entries) : new Fields(entries);
    }

    private String key() {
        return switch (value()) {
            case Text(var text) -> text;
            case Bytes(var bytes) -> new String(bytes, StandardCharsets.UTF_8);
            case Value other ->
                    throw broken("a key is %s; keys are texts".formatted(Value.kind(other)));
        };
    }

    private Value array(SequencedMap<String, Value> entries) {
        var parts = new Fields(entries);
        if (part(parts, MsgPack.DATA) instanceof Bytes(var data)
                && part(parts, MsgPack.DTYPE) instanceof Text(var dtype)
                && part(parts, MsgPack.SHAPE) instanceof Items(var axes)) {
            return new Array(new NdArray(dtype, shape(axes), data));
        }
        throw broken("an array needs data (bytes), dtype (text) and shape (list)");
    }

    private int[] shape(List<Value> axes) {
        return axes.stream()
                .mapToInt(axis -> {
                    if (axis instanceof Whole(var length)
                            && length >= 0
                            && length <= Integer.MAX_VALUE) {
                        return (int) length;
                    }
                    throw broken("an array's shape holds whole numbers");
                })
                .toArray();
    }

    /// A NumPy scalar is a plain number here.
    private Value scalar(SequencedMap<String, Value> entries) {
        return part(new Fields(entries), MsgPack.DATA);
    }

    private Value part(Fields parts, String name) {
        if (!parts.has(name)) {
            throw broken("an array lacks its " + name);
        }
        return parts.get(name);
    }

    private void enter() {
        if (++depth > DEEPEST) {
            throw broken("it nests deeper than %d".formatted(DEEPEST));
        }
    }

    private WireException broken(String what) {
        return new WireException(
                "the message is damaged at byte %d: %s".formatted(in.position(), what));
    }
}
