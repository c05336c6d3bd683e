package dev.orrery.data.rlds;

import dev.orrery.data.DatasetException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// A `tf.train.Example`: lists of byte strings, floats or integers by name. In RLDS one holds an
/// episode, under keys such as `steps/observation/image`.
///
/// @param features by name
public record Example(SequencedMap<String, Feature> features) {

    /// One list.
    public sealed interface Feature {}

    /// Byte strings: text, or pictures as PNG or JPEG.
    public record Bytes(List<byte[]> list) implements Feature {}

    /// Floats, all steps one after another.
    public record Floats(float[] list) implements Feature {}

    /// Integers, all steps one after another.
    public record Longs(long[] list) implements Feature {}

    private static final int VARINT = 0, LENGTH = 2, FIXED32 = 5, FIXED64 = 1;

    /// Reads the wire form.
    ///
    /// @throws DatasetException if it is damaged
    public static Example parse(byte[] bytes) {
        var out = new LinkedHashMap<String, Feature>();
        var example = new Wire(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
        try {
            example.each((field, features) -> {
                if (field == 1) features.each((_, entry) -> entry(entry, out));
            });
        } catch (java.nio.BufferUnderflowException
                | IllegalArgumentException
                | IndexOutOfBoundsException e) {
            throw new DatasetException("an example is damaged", e);
        }
        return new Example(out);
    }

    private static void entry(Wire entry, SequencedMap<String, Feature> out) {
        var name = new String[] {""};
        entry.each((field, value) -> {
            if (field == 1) name[0] = new String(value.bytes(), StandardCharsets.UTF_8);
            else if (field == 2) value.each((kind, list) -> out.put(name[0], list(kind, list)));
        });
    }

    private static Feature list(int kind, Wire list) {
        return switch (kind) {
            case 1 -> {
                var all = new ArrayList<byte[]>();
                list.each((_, value) -> all.add(value.bytes()));
                yield new Bytes(all);
            }
            case 2 -> new Floats(list.floats());
            case 3 -> new Longs(list.longs());
            default -> throw new DatasetException("an example has a list of unknown kind " + kind);
        };
    }

    /// A stretch of protobuf bytes.
    private record Wire(ByteBuffer in) {

        interface Field {
            void read(int number, Wire value);
        }

        void each(Field field) {
            while (in.hasRemaining()) {
                long tag = varint();
                int number = (int) (tag >>> 3);
                switch ((int) (tag & 7)) {
                    case LENGTH -> field.read(number, part());
                    case VARINT -> varint();
                    case FIXED32 -> in.getInt();
                    case FIXED64 -> in.getLong();
                    default -> throw new DatasetException("an example is damaged");
                }
            }
        }

        Wire part() {
            long length = varint();
            if (length < 0 || length > in.remaining())
                throw new DatasetException("an example is cut off");
            var part = in.slice(in.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
            in.position(in.position() + (int) length);
            return new Wire(part);
        }

        byte[] bytes() {
            var out = new byte[in.remaining()];
            in.get(out);
            return out;
        }

        float[] floats() {
            var out = new float[in.remaining() / 4];
            int n = 0;
            while (in.hasRemaining()) {
                if ((varint() & 7) == LENGTH) {
                    var packed = part().in();
                    while (packed.hasRemaining()) out[n++] = packed.getFloat();
                } else {
                    out[n++] = in.getFloat();
                }
            }
            return Arrays.copyOf(out, n);
        }

        long[] longs() {
            var out = new long[in.remaining()];
            int n = 0;
            while (in.hasRemaining()) {
                if ((varint() & 7) == LENGTH) {
                    var packed = part();
                    while (packed.in().hasRemaining()) out[n++] = packed.varint();
                } else {
                    out[n++] = varint();
                }
            }
            return Arrays.copyOf(out, n);
        }

        long varint() {
            long value = 0;
            for (int shift = 0; shift < 64; shift += 7) {
                byte b = in.get();
                value |= (long) (b & 0x7f) << shift;
                if (b >= 0) return value;
            }
            throw new DatasetException("an example is damaged");
        }
    }

    /// The wire form.
    public byte[] toBytes() {
        var all = new ByteArrayOutputStream();
        features.forEach((name, feature) -> {
            var entry = new ByteArrayOutputStream();
            field(entry, 1, name.getBytes(StandardCharsets.UTF_8));
            field(entry, 2, wire(feature));
            field(all, 1, entry.toByteArray());
        });
        var out = new ByteArrayOutputStream();
        field(out, 1, all.toByteArray());
        return out.toByteArray();
    }

    private static byte[] wire(Feature feature) {
        var list = new ByteArrayOutputStream();
        var out = new ByteArrayOutputStream();
        switch (feature) {
            case Bytes(var values) -> {
                values.forEach(value -> field(list, 1, value));
                field(out, 1, list.toByteArray());
            }
            case Floats(var values) -> {
                var packed = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
                packed.asFloatBuffer().put(values);
                field(list, 1, packed.array());
                field(out, 2, list.toByteArray());
            }
            case Longs(var values) -> {
                var packed = new ByteArrayOutputStream();
                for (var value : values) varint(packed, value);
                field(list, 1, packed.toByteArray());
                field(out, 3, list.toByteArray());
            }
        }
        return out.toByteArray();
    }

    private static void field(ByteArrayOutputStream out, int number, byte[] bytes) {
        varint(out, (long) number << 3 | LENGTH);
        varint(out, bytes.length);
        out.writeBytes(bytes);
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        while ((value & ~0x7fL) != 0) {
            out.write((int) (value & 0x7f | 0x80));
            value >>>= 7;
        }
        out.write((int) value);
    }
}
