package dev.orrery.data.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The fields of a protobuf message by number; of a number that comes twice the last one counts.
///
/// @param numbers of any width
/// @param parts byte strings, texts and messages
record ProtobufFields(Map<Integer, Long> numbers, Map<Integer, List<ByteBuffer>> parts) {

    /// Reads a message.
    ///
    /// @throws IllegalArgumentException if it is damaged
    static ProtobufFields read(ByteBuffer message) {
        var in = message.slice().order(ByteOrder.LITTLE_ENDIAN);
        var fields = new ProtobufFields(new HashMap<>(4), new HashMap<>(4));
        while (in.hasRemaining()) {
            long tag = varint(in);
            int number = (int) (tag >>> 3);
            switch ((int) tag & 7) {
                case 0 -> fields.numbers.put(number, varint(in));
                case 1 -> fields.numbers.put(number, take(in, 8).getLong());
                case 2 ->
                        fields.parts
                                .computeIfAbsent(number, _ -> new ArrayList<>(1))
                                .add(take(in, varint(in)));
                case 5 -> fields.numbers.put(number, (long) take(in, 4).getInt());
                default -> throw new IllegalArgumentException("a field is of an unknown type");
            }
        }
        return fields;
    }

    private static ByteBuffer take(ByteBuffer in, long length) {
        if (length < 0 || length > in.remaining())
            throw new IllegalArgumentException(
                    "a field has %d bytes where %d are left".formatted(length, in.remaining()));
        var part = in.slice(in.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + (int) length);
        return part;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte b = take(in, 1).get();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) return value;
        }
        throw new IllegalArgumentException("a number has more than 64 bits");
    }

    /// A number.
    long number(int field, long otherwise) {
        return numbers.getOrDefault(field, otherwise);
    }

    /// Yes or no.
    boolean flag(int field, boolean otherwise) {
        return number(field, otherwise ? 1 : 0) != 0;
    }

    /// All byte strings of a field that may come several times.
    List<ByteBuffer> all(int field) {
        return parts.getOrDefault(field, List.of());
    }

    /// A byte string.
    Optional<ByteBuffer> part(int field) {
        return all(field).isEmpty() ? Optional.empty() : Optional.of(all(field).getLast());
    }

    /// A text.
    ///
    /// @throws IllegalArgumentException if it is not UTF-8
    String text(int field, String otherwise) {
        if (all(field).isEmpty()) return otherwise;
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(all(field).getLast().slice())
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a text is not UTF-8", e);
        }
    }
}
