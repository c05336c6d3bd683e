package dev.orrery.data.parquet;

import dev.orrery.data.DatasetException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Collects the definition or repetition levels of a chunk page by page.
final class Levels {

    private final int max;
    private byte[] levels = new byte[0];
    private int size;

    Levels(int max) {
        this.max = max;
    }

    /// Reads the levels of a v1 page, which carry their length in front; where the values go on.
    int readPrefixed(byte[] page, int at, int count) {
        if (max == 0) return at;
        int length =
                page.length - at < 4
                        ? -1
                        : ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN).getInt(at);
        if (length < 0 || length > page.length - at - 4) {
            throw new DatasetException("the levels of a page are larger than the page");
        }
        read(page, at + 4, at + 4 + length, count);
        return at + 4 + length;
    }

    /// Reads `count` levels between two offsets.
    void read(byte[] page, int start, int end, int count) {
        if (max == 0) return;
        if (size + count > levels.length) {
            levels =
                    Arrays.copyOf(
                            levels,
                            levels.length == 0 ? count : Math.max(size + count, size * 3 / 2));
        }
        int base = size;
        new HybridDecoder(page, start, end, HybridDecoder.widthOf(max))
                .decode(
                        count,
                        (i, level) -> {
                            if (level > max)
                                throw new DatasetException(
                                        "a level of %d exceeds %d".formatted(level, max));
                            levels[base + i] = (byte) level;
                        });
        size += count;
    }

    /// How many of the last `count` slots hold a value.
    int presentInLast(int count) {
        if (max == 0) return count;
        int present = 0;
        for (int i = size - count; i < size; i++) if (levels[i] == max) present++;
        return present;
    }

    byte[] toBytes() {
        return size == levels.length ? levels : Arrays.copyOf(levels, size);
    }
}
