package dev.orrery.data.parquet;

import dev.orrery.data.DatasetException;
import java.util.Arrays;

/// Decodes the delta encodings: blocks of bit-packed differences, and byte strings whose lengths or
/// shared prefixes are stored that way.
final class DeltaDecoder {

    private final byte[] bytes;
    private int at;

    private DeltaDecoder(byte[] bytes, int at) {
        this.bytes = bytes;
        this.at = at;
    }

    static Values integers(Field.Physical type, byte[] page, int at, int count) {
        var longs = new DeltaDecoder(page, at).longs(count);
        return switch (type) {
            case INT64 -> new Values.Longs(longs);
            case INT32 -> {
                var out = new int[count];
                for (int i = 0; i < count; i++) out[i] = (int) longs[i];
                yield new Values.Ints(out);
            }
            default -> throw new DatasetException("delta-encoded integers in a column of " + type);
        };
    }

    static Values.Binaries binaries(byte[] page, int at, int count) {
        var in = new DeltaDecoder(page, at);
        var lengths = in.longs(count);
        var out = new byte[count][];
        for (int i = 0; i < count; i++) out[i] = in.take(lengths[i]);
        return new Values.Binaries(out);
    }

    static Values.Binaries prefixed(byte[] page, int at, int count) {
        var in = new DeltaDecoder(page, at);
        var prefixes = in.longs(count);
        var suffixes = in.longs(count);
        var out = new byte[count][];
        var before = new byte[0];
        long total = 0;
        for (int i = 0; i < count; i++) {
            var suffix = in.take(suffixes[i]);
            int prefix = (int) prefixes[i];
            total += prefixes[i];
            if (prefixes[i] < 0
                    || prefixes[i] > before.length
                    || total > 64L * (page.length + 1024)) {
                throw new DatasetException(
                        "byte string %d claims a prefix of %d".formatted(i, prefixes[i]));
            }
            var value = Arrays.copyOf(before, prefix + suffix.length);
            System.arraycopy(suffix, 0, value, prefix, suffix.length);
            before = out[i] = value;
        }
        return new Values.Binaries(out);
    }

    private byte[] take(long length) {
        if (length < 0 || length > bytes.length - at)
            throw new DatasetException("byte strings end early");
        at += (int) length;
        return Arrays.copyOfRange(bytes, at - (int) length, at);
    }

    private long[] longs(int count) {
        long block = varint(), miniblocks = varint(), total = varint(), value = zigzag();
        if (total < count
                || block < 1
                || block > 1 << 20
                || miniblocks < 1
                || block % miniblocks != 0) {
            throw new DatasetException(
                    "a delta-encoded page of %d values has a damaged head".formatted(count));
        }
        var out = new long[count];
        int size = (int) (block / miniblocks), done = 0;
        if (count > 0) out[done++] = value;
        while (done < count) {
            long least = zigzag();
            int widths = at;
            at += (int) miniblocks;
            for (int m = 0; m < miniblocks && done < count; m++) {
                if (widths + m >= bytes.length)
                    throw new DatasetException("delta-encoded values end early");
                int width = bytes[widths + m] & 0xff;
                done = miniblock(out, done, size, width, least);
            }
        }
        return out;
    }

    private int miniblock(long[] out, int done, int size, int width, long least) {
        if (width > 64 || (long) size * width / 8 > bytes.length - at) {
            throw new DatasetException("delta-encoded values end early");
        }
        int take = Math.min(size, out.length - done);
        for (int i = 0; i < take; i++) {
            long delta = 0;
            for (int b = 0, bit = i * width; b < width; b++, bit++) {
                delta |= (long) (bytes[at + (bit >> 3)] >> (bit & 7) & 1) << b;
            }
            out[done] = out[done - 1] + least + delta;
            done++;
        }
        at += size * width / 8;
        return done;
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at >= bytes.length || at < 0)
                throw new DatasetException("delta-encoded values end early");
            int b = bytes[at++] & 0xff;
            value |= (long) (b & 0x7f) << shift;
            if (b < 0x80) return value;
        }
        throw new DatasetException("a delta-encoded integer is too long");
    }

    private long zigzag() {
        long value = varint();
        return value >>> 1 ^ -(value & 1);
    }
}
