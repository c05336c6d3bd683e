package dev.orrery.data.parquet;

import java.io.ByteArrayOutputStream;
import java.util.function.IntUnaryOperator;

/// Encodes integers as the hybrid of runs and bit-packed groups of eight.
final class HybridEncoder {

    private static final int GROUP = 8;

    private HybridEncoder() {}

    /// Encodes `values.applyAsInt(from)` up to `to`, exclusive.
    static void encode(
            IntUnaryOperator values, int from, int to, int width, ByteArrayOutputStream out) {
        for (int at = from; at < to; ) {
            int run = run(values, at, to);
            if (run >= GROUP) {
                varint(out, (long) run << 1);
                int value = values.applyAsInt(at);
                for (int b = 0; b < (width + 7) / 8; b++) out.write(value >>> 8 * b);
                at += run;
            } else {
                int end = at;
                do end += GROUP;
                while (end < to && run(values, end, to) < GROUP);
                packed(values, at, Math.min(end, to), (end - at) / GROUP, width, out);
                at = end;
            }
        }
    }

    /// The length of the run that starts at `at`, counted no further than is of use.
    private static int run(IntUnaryOperator values, int at, int to) {
        int value = values.applyAsInt(at), end = at + 1;
        while (end < to && values.applyAsInt(end) == value) end++;
        return end - at;
    }

    private static void packed(
            IntUnaryOperator values,
            int from,
            int to,
            int groups,
            int width,
            ByteArrayOutputStream out) {
        varint(out, (long) groups << 1 | 1);
        long bits = 0;
        int held = 0, written = 0;
        for (int i = from; i < to; i++) {
            bits |= (values.applyAsInt(i) & 0xffffffffL) << held;
            held += width;
            while (held >= 8) {
                out.write((int) bits);
                written++;
                bits >>>= 8;
                held -= 8;
            }
        }
        if (held > 0) {
            out.write((int) bits);
            written++;
        }
        for (; written < groups * width; written++) out.write(0);
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        while (value > 0x7f) {
            out.write((int) (value & 0x7f | 0x80));
            value >>>= 7;
        }
        out.write((int) value);
    }
}
