package dev.orrery.data.parquet;

import dev.orrery.data.DatasetException;

/// Decodes the hybrid of run-length and bit-packed integers that levels and dictionary indices are
/// stored in.
final class HybridDecoder {

    private final byte[] bytes;
    private final int end;
    private final int width;
    private int at;

    HybridDecoder(byte[] bytes, int start, int end, int width) {
        if (start < 0 || end > bytes.length || start > end || width < 0 || width > 32) {
            throw new DatasetException("encoded integers lie outside their page");
        }
        this.bytes = bytes;
        this.at = start;
        this.end = end;
        this.width = width;
    }

    /// Where values go.
    interface Sink {
        void accept(int index, int value);
    }

    /// Decodes exactly `count` integers.
    void decode(int count, Sink sink) {
        if (width == 0) {
            for (int i = 0; i < count; i++) sink.accept(i, 0);
            return;
        }
        for (int done = 0; done < count; ) {
            long header = varint();
            long run = (header & 1) == 0 ? header >>> 1 : (header >>> 1) * 8;
            if (run == 0) throw new DatasetException("a run of encoded integers is empty");
            int take = (int) Math.min(run, count - done);
            if ((header & 1) == 0) {
                int value = fixed();
                for (int i = 0; i < take; i++) sink.accept(done + i, value);
            } else {
                packed(take, run, done, sink);
            }
            done += take;
        }
    }

    private void packed(int take, long run, int base, Sink sink) {
        long length = run / 8 * width;
        long needed = ((long) take * width + 7) / 8;
        if (needed > end - at) throw new DatasetException("bit-packed integers end early");
        long bits = 0;
        int available = 0, from = at;
        long mask = (1L << width) - 1;
        for (int i = 0; i < take; i++) {
            while (available < width) {
                bits |= (bytes[from++] & 0xffL) << available;
                available += 8;
            }
            sink.accept(base + i, (int) (bits & mask));
            bits >>>= width;
            available -= width;
        }
        at = (int) Math.min(end, at + length);
    }

    private int fixed() {
        int size = (width + 7) / 8, value = 0;
        if (size > end - at) throw new DatasetException("run-length integers end early");
        for (int i = 0; i < size; i++) value |= (bytes[at++] & 0xff) << 8 * i;
        return value;
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            if (at >= end) throw new DatasetException("encoded integers end early");
            int b = bytes[at++] & 0xff;
            value |= (long) (b & 0x7f) << shift;
            if (b < 0x80) return value;
        }
        throw new DatasetException("the length of a run is longer than 32 bits");
    }

    /// The bits that integers up to `max` need.
    static int widthOf(int max) {
        return 32 - Integer.numberOfLeadingZeros(max);
    }
}
