package dev.orrery.data.parquet;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Optional;

/// Encodes values plainly, and finds dictionaries for integers and short byte strings.
final class ValueEncoder {

    private static final int LARGEST_DICTIONARY = 4096, LONGEST_ENTRY = 1024;

    private ValueEncoder() {}

    /// Distinct values in order of first occurrence, and the index of each value among them.
    record Dictionary(Values entries, int[] indices) {}

    /// A dictionary, if one would make the column smaller.
    static Optional<Dictionary> dictionary(Values values) {
        if (values.size() < 2) return Optional.empty();
        return switch (values) {
            case Values.Longs(var a) -> longs(a);
            case Values.Binaries(var a) -> binaries(a);
            default -> Optional.empty();
        };
    }

    private static Optional<Dictionary> longs(long[] array) {
        var places = new HashMap<Long, Integer>();
        var indices = new int[array.length];
        for (int i = 0; i < array.length; i++) {
            indices[i] = places.computeIfAbsent(array[i], _ -> places.size());
            if (tooMany(places.size(), array.length)) return Optional.empty();
        }
        var entries = new long[places.size()];
        places.forEach((value, place) -> entries[place] = value);
        return Optional.of(new Dictionary(new Values.Longs(entries), indices));
    }

    private static Optional<Dictionary> binaries(byte[][] array) {
        var places = new HashMap<ByteBuffer, Integer>();
        var indices = new int[array.length];
        for (int i = 0; i < array.length; i++) {
            if (array[i].length > LONGEST_ENTRY) return Optional.empty();
            indices[i] = places.computeIfAbsent(ByteBuffer.wrap(array[i]), _ -> places.size());
            if (tooMany(places.size(), array.length)) return Optional.empty();
        }
        var entries = new byte[places.size()][];
        places.forEach((value, place) -> entries[place] = value.array());
        return Optional.of(new Dictionary(new Values.Binaries(entries), indices));
    }

    private static boolean tooMany(int distinct, int values) {
        return distinct > LARGEST_DICTIONARY || distinct > 8 && distinct > values / 2;
    }

    /// The plain encoding of values `from` to `to`, exclusive.
    static byte[] plain(Values values, int from, int to, boolean fixed) {
        int n = to - from;
        return switch (values) {
            case Values.Booleans(var a) -> {
                var out = new byte[(n + 7) / 8];
                for (int i = 0; i < n; i++) if (a[from + i]) out[i / 8] |= (byte) (1 << i % 8);
                yield out;
            }
            case Values.Ints(var a) -> {
                var out = buffer(4 * n);
                out.asIntBuffer().put(a, from, n);
                yield out.array();
            }
            case Values.Longs(var a) -> {
                var out = buffer(8 * n);
                out.asLongBuffer().put(a, from, n);
                yield out.array();
            }
            case Values.Floats(var a) -> {
                var out = buffer(4 * n);
                out.asFloatBuffer().put(a, from, n);
                yield out.array();
            }
            case Values.Doubles(var a) -> {
                var out = buffer(8 * n);
                out.asDoubleBuffer().put(a, from, n);
                yield out.array();
            }
            case Values.Binaries(var a) -> {
                var out = new ByteArrayOutputStream();
                for (var value : Arrays.asList(a).subList(from, to)) {
                    if (!fixed) out.writeBytes(buffer(4).putInt(value.length).array());
                    out.writeBytes(value);
                }
                yield out.toByteArray();
            }
        };
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// About how many bytes one value takes plainly.
    static int width(Values values, int i) {
        return switch (values) {
            case Values.Booleans _ -> 1;
            case Values.Ints _, Values.Floats _ -> 4;
            case Values.Longs _, Values.Doubles _ -> 8;
            case Values.Binaries(var a) -> 4 + a[i].length;
        };
    }
}
