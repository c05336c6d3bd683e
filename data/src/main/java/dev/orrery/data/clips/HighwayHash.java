package dev.orrery.data.clips;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// HighwayHash of 64 bits, which Riegeli files carry.
///
/// Source: *Fast keyed hash/pseudo-random function using SIMD multiply and permute*,
/// arXiv:1612.06257.
final class HighwayHash {

    private static final long[] INIT_0 = {
        0xdbe6d5d5fe4cce2fL, 0xa4093822299f31d0L, 0x13198a2e03707344L, 0x243f6a8885a308d3L
    };
    private static final long[] INIT_1 = {
        0x3bd39e10cb0ef593L, 0xc0acf169b5f18a8cL, 0xbe5466cf34e90c6cL, 0x452821e638d01377L
    };
    private static final int LOW = 1, PACKET = 32;
    private final long[] v0 = new long[4], v1 = new long[4];
    private final long[] mul0 = INIT_0.clone(), mul1 = INIT_1.clone();

    private HighwayHash(long[] key) {
        for (int i = 0; i < 4; i++) {
            v0[i] = mul0[i] ^ key[i];
            v1[i] = mul1[i] ^ Long.rotateLeft(key[i], 32);
        }
    }

    static long of(byte[] data, long... key) {
        var hash = new HighwayHash(key);
        var in = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        int whole = data.length / PACKET * PACKET;
        for (int at = 0; at < whole; at += PACKET) hash.update(lanes(in, at));
        if (whole < data.length) hash.rest(data, whole);
        for (int i = 0; i < 4; i++) {
            var v = hash.v0;
            hash.update(
                    new long[] {
                        Long.rotateLeft(v[2], 32),
                        Long.rotateLeft(v[3], 32),
                        Long.rotateLeft(v[0], 32),
                        Long.rotateLeft(v[1], 32)
                    });
        }
        return hash.v0[0] + hash.v1[0] + hash.mul0[0] + hash.mul1[0];
    }

    private static long[] lanes(ByteBuffer in, int at) {
        return new long[] {
            in.getLong(at), in.getLong(at + 8), in.getLong(at + 16), in.getLong(at + 24)
        };
    }

    private void update(long[] lanes) {
        for (int i = 0; i < 4; i++) {
            v1[i] += mul0[i] + lanes[i];
            mul0[i] ^= (v1[i] & 0xffffffffL) * (v0[i] >>> 32);
            v0[i] += mul1[i];
            mul1[i] ^= (v0[i] & 0xffffffffL) * (v1[i] >>> 32);
        }
        merge(v1, v0);
        merge(v0, v1);
    }

    /// Adds the bytes of one vector, in the algorithm's order, to the other.
    private static void merge(long[] from, long[] to) {
        for (int i = 0; i < 4; i += 2) {
            long low = from[i], high = from[i + LOW];
            to[i] +=
                    (low & 0xff000000L | high & 0xff00000000L) >>> 24
                            | (low & 0xff0000000000L | high & 0xff000000000000L) >>> 16
                            | low & 0xff0000L
                            | (low & 0xff00L) << 32
                            | (high & 0xff00000000000000L) >>> 8
                            | low << 56;
            to[i + LOW] +=
                    (high & 0xff000000L | low & 0xff00000000L) >>> 24
                            | high & 0xff0000L
                            | (high & 0xff0000000000L) >>> 16
                            | (high & 0xff00L) << 24
                            | (low & 0xff000000000000L) >>> 8
                            | (high & 0xffL) << 48
                            | low & 0xff00000000000000L;
        }
    }

    private void rest(byte[] data, int from) {
        int size = data.length - from, quarter = size & 3, words = size & ~3;
        for (int i = 0; i < 4; i++) {
            v0[i] += ((long) size << 32) + size;
            int low = Integer.rotateLeft((int) v1[i], size);
            int high = Integer.rotateLeft((int) (v1[i] >>> 32), size);
            v1[i] = low & 0xffffffffL | (long) high << 32;
        }
        var packet = new byte[PACKET];
        System.arraycopy(data, from, packet, 0, words);
        int last = from + words;
        if ((size & 16) != 0) {
            System.arraycopy(data, last + quarter - 4, packet, 28, 4);
        } else if (quarter != 0) {
            packet[16] = data[last];
            packet[17] = data[last + (quarter >> 1)];
            packet[18] = data[last + quarter - 1];
        }
        update(lanes(ByteBuffer.wrap(packet).order(ByteOrder.LITTLE_ENDIAN), 0));
    }
}
