package dev.orrery.tensor;

import java.nio.charset.StandardCharsets;

/// An immutable source of random numbers: the same seed gives the same bits on every machine.
///
/// Numbers come from Philox4x32-10, a function of a key and a counter, so drawing twice from one
/// seed gives the same values; [#split] it for independent ones.
///
/// Source: Salmon et al., Parallel random numbers: as easy as 1, 2, 3 (SC 2011).
///
/// @param key the 64 bits that the numbers depend on
public record Seed(long key) {

    private static final long SPLIT = 0x53504c4954L;
    private static final double TO_UNIT = 0x1p-53;

    /// The seed with this number.
    public static Seed of(long number) {
        return new Seed(number);
    }

    /// An independent seed for each index.
    public Seed split(long index) {
        var block = new int[4];
        philox(key, index, SPLIT, block);
        return new Seed(join(block[0], block[1]));
    }

    /// An independent seed for each name.
    public Seed split(String name) {
        var seed = this;
        for (byte letter : name.getBytes(StandardCharsets.UTF_8)) seed = seed.split(letter & 0xff);
        return seed.split(-1 - (long) name.length());
    }

    /// Standard normal numbers, F32.
    public Tensor normal(long... shape) {
        return Tensor.of(normals(count(shape)), shape);
    }

    /// Numbers from 0 inclusive to 1 exclusive, F32.
    public Tensor uniform(long... shape) {
        return Tensor.of(uniforms(count(shape)), shape);
    }

    /// Whole numbers from 0 to `bound` exclusive, I64.
    public Tensor integers(long bound, long... shape) {
        if (bound < 1) throw new IllegalArgumentException("bound %d is below 1".formatted(bound));
        var values = new long[count(shape)];
        var block = new int[4];
        for (int i = 0; i < values.length; i++) {
            philox(key, i, 0, block);
            values[i] = Math.unsignedMultiplyHigh(join(block[0], block[1]), bound);
        }
        return Tensor.of(values, shape);
    }

    /// The numbers 0 to `count - 1` in random order.
    public int[] permutation(int count) {
        var order = new int[count];
        var block = new int[4];
        for (int i = 0; i < count; i++) {
            philox(key, i, 0, block);
            int j = (int) Math.unsignedMultiplyHigh(join(block[0], block[1]), i + 1L);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /// Standard normal numbers by the method of Box and Muller, in exactly specified arithmetic.
    public float[] normals(int count) {
        var values = new float[count];
        var block = new int[4];
        for (int i = 0; i < count; i += 2) {
            philox(key, i / 2, 0, block);
            double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - unit(block[0], block[1])));
            double angle = 2 * Math.PI * unit(block[2], block[3]);
            values[i] = (float) (radius * StrictMath.cos(angle));
            if (i + 1 < count) values[i + 1] = (float) (radius * StrictMath.sin(angle));
        }
        return values;
    }

    /// Numbers from 0 inclusive to 1 exclusive, multiples of 2^-24.
    public float[] uniforms(int count) {
        var values = new float[count];
        var block = new int[4];
        for (int i = 0; i < count; i++) {
            if (i % 4 == 0) philox(key, i / 4, 0, block);
            values[i] = (block[i % 4] >>> 8) * 0x1p-24f;
        }
        return values;
    }

    private static int count(long[] shape) {
        long count = 1;
        for (long length : shape) count = Math.multiplyExact(count, length);
        return Math.toIntExact(count);
    }

    private static double unit(int high, int low) {
        return (join(high, low) >>> 11) * TO_UNIT;
    }

    private static long join(int high, int low) {
        return (long) high << 32 | low & 0xffffffffL;
    }

    static void philox(long key, long low, long high, int[] out) {
        int c0 = (int) low, c1 = (int) (low >>> 32), c2 = (int) high, c3 = (int) (high >>> 32);
        int k0 = (int) key, k1 = (int) (key >>> 32);
        for (int round = 0; round < 10; round++) {
            long p0 = (c0 & 0xffffffffL) * 0xD2511F53L, p1 = (c2 & 0xffffffffL) * 0xCD9E8D57L;
            c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
            c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
            c1 = (int) p1;
            c3 = (int) p0;
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }
        out[0] = c0;
        out[1] = c1;
        out[2] = c2;
        out[3] = c3;
    }
}
