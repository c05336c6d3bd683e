package dev.orrery.data.parquet;

import dev.orrery.data.DatasetException;
import dev.orrery.data.parquet.Field.Physical;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Decodes the values of one page.
final class ValueDecoder {

    private static final int PLAIN = 0, PLAIN_DICTIONARY = 2, RLE = 3, DELTA = 5;
    private static final int DELTA_LENGTH = 6, DELTA_BYTES = 7, RLE_DICTIONARY = 8, SPLIT = 9;

    private final Field.Primitive field;

    ValueDecoder(Field.Primitive field) {
        this.field = field;
    }

    static boolean isDictionary(int encoding) {
        return encoding == PLAIN_DICTIONARY || encoding == RLE_DICTIONARY;
    }

    /// Decodes `count` values from the bytes of `page` between `at` and its end.
    ///
    /// @param dictionary the chunk's dictionary, empty if it has none
    Values decode(int encoding, byte[] page, int at, int count, Values dictionary) {
        return switch (encoding) {
            case PLAIN -> plain(page, at, page.length, count);
            case PLAIN_DICTIONARY, RLE_DICTIONARY -> indexed(page, at, count, dictionary);
            case RLE -> runs(page, at, count);
            case DELTA -> DeltaDecoder.integers(field.physical(), page, at, count);
            case DELTA_LENGTH -> DeltaDecoder.binaries(page, at, count);
            case DELTA_BYTES -> DeltaDecoder.prefixed(page, at, count);
            case SPLIT -> plain(unsplit(page, at, count), 0, count * width(), count);
            default ->
                    throw new DatasetException(
                            "column '%s' uses encoding %d, which is not read here"
                                    .formatted(field.name(), encoding));
        };
    }

    /// The empty values of the field's type.
    Values none() {
        return decode(PLAIN, new byte[0], 0, 0, new Values.Longs(new long[0]));
    }

    private Values plain(byte[] page, int at, int end, int count) {
        if (field.physical() == Physical.BYTE_ARRAY) return binaries(page, at, end, count);
        long needed =
                field.physical() == Physical.BOOLEAN ? (count + 7L) / 8 : (long) count * width();
        if (needed > end - at) {
            throw new DatasetException(
                    "column '%s': %d values need %d bytes, the page has %d"
                            .formatted(field.name(), count, needed, end - at));
        }
        var in = ByteBuffer.wrap(page, at, end - at).order(ByteOrder.LITTLE_ENDIAN);
        return switch (field.physical()) {
            case BOOLEAN -> {
                var out = new boolean[count];
                for (int i = 0; i < count; i++) out[i] = (page[at + i / 8] >> i % 8 & 1) != 0;
                yield new Values.Booleans(out);
            }
            case INT32 -> {
                var out = new int[count];
                in.asIntBuffer().get(out);
                yield new Values.Ints(out);
            }
            case INT64 -> {
                var out = new long[count];
                in.asLongBuffer().get(out);
                yield new Values.Longs(out);
            }
            case FLOAT -> {
                var out = new float[count];
                in.asFloatBuffer().get(out);
                yield new Values.Floats(out);
            }
            case DOUBLE -> {
                var out = new double[count];
                in.asDoubleBuffer().get(out);
                yield new Values.Doubles(out);
            }
            case INT96, FIXED_LEN_BYTE_ARRAY -> {
                var out = new byte[count][];
                for (int i = 0; i < count; i++) {
                    out[i] = Arrays.copyOfRange(page, at + i * width(), at + (i + 1) * width());
                }
                yield new Values.Binaries(out);
            }
            case BYTE_ARRAY -> throw new AssertionError("handled above");
        };
    }

    private Values.Binaries binaries(byte[] page, int at, int end, int count) {
        if ((long) count * 4 > end - at) {
            throw new DatasetException(
                    "column '%s': %d byte strings do not fit a page of %d bytes"
                            .formatted(field.name(), count, end - at));
        }
        var out = new byte[count][];
        var in = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            int length = end - at < 4 ? -1 : in.getInt(at);
            at += 4;
            if (length < 0 || length > end - at) {
                throw new DatasetException(
                        "column '%s': byte string %d reaches beyond its page"
                                .formatted(field.name(), i));
            }
            out[i] = Arrays.copyOfRange(page, at, at + length);
            at += length;
        }
        return new Values.Binaries(out);
    }

    private Values indexed(byte[] page, int at, int count, Values dictionary) {
        if (count == 0) return dictionary.size() == 0 ? none() : gather(dictionary, new int[0]);
        if (at >= page.length) throw new DatasetException("a dictionary page of indices is empty");
        var indices = new int[count];
        int size = dictionary.size();
        new HybridDecoder(page, at + 1, page.length, page[at] & 0xff)
                .decode(
                        count,
                        (i, value) -> {
                            if (value < 0 || value >= size) {
                                throw new DatasetException(
                                        "column '%s': index %d into a dictionary of %d"
                                                .formatted(field.name(), value, size));
                            }
                            indices[i] = value;
                        });
        return gather(dictionary, indices);
    }

    private static Values gather(Values dictionary, int[] indices) {
        int n = indices.length;
        return switch (dictionary) {
            case Values.Booleans(var d) -> {
                var out = new boolean[n];
                for (int i = 0; i < n; i++) out[i] = d[indices[i]];
                yield new Values.Booleans(out);
            }
            case Values.Ints(var d) -> {
                var out = new int[n];
                for (int i = 0; i < n; i++) out[i] = d[indices[i]];
                yield new Values.Ints(out);
            }
            case Values.Longs(var d) -> {
                var out = new long[n];
                for (int i = 0; i < n; i++) out[i] = d[indices[i]];
                yield new Values.Longs(out);
            }
            case Values.Floats(var d) -> {
                var out = new float[n];
                for (int i = 0; i < n; i++) out[i] = d[indices[i]];
                yield new Values.Floats(out);
            }
            case Values.Doubles(var d) -> {
                var out = new double[n];
                for (int i = 0; i < n; i++) out[i] = d[indices[i]];
                yield new Values.Doubles(out);
            }
            case Values.Binaries(var d) -> {
                var out = new byte[n][];
                for (int i = 0; i < n; i++) out[i] = d[indices[i]];
                yield new Values.Binaries(out);
            }
        };
    }

    private Values runs(byte[] page, int at, int count) {
        if (field.physical() != Physical.BOOLEAN || page.length - at < 4) {
            throw new DatasetException(
                    "column '%s': run-length values are damaged".formatted(field.name()));
        }
        var out = new boolean[count];
        new HybridDecoder(page, at + 4, page.length, 1)
                .decode(count, (i, value) -> out[i] = value != 0);
        return new Values.Booleans(out);
    }

    private byte[] unsplit(byte[] page, int at, int count) {
        int width = width();
        if ((long) count * width > page.length - at) {
            throw new DatasetException(
                    "column '%s': split bytes end early".formatted(field.name()));
        }
        var out = new byte[count * width];
        for (int b = 0; b < width; b++) {
            for (int i = 0; i < count; i++) out[i * width + b] = page[at + b * count + i];
        }
        return out;
    }

    private int width() {
        return switch (field.physical()) {
            case INT32, FLOAT -> 4;
            case INT64, DOUBLE -> 8;
            case INT96 -> 12;
            case FIXED_LEN_BYTE_ARRAY -> field.length();
            case BOOLEAN, BYTE_ARRAY ->
                    throw new DatasetException(
                            "column '%s': this encoding does not fit its type"
                                    .formatted(field.name()));
        };
    }
}
