package dev.orrery.env;

/// A small random stream that gives the same numbers on every machine and Java version.
///
/// SplitMix64 (Steele, Lea, Flood 2014) for the bits; normal numbers by Box and Muller with
/// `StrictMath`. Not safe for use by several threads: [#split] one for each.
public final class Dice {

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private long state;

    public Dice(long seed) {
        state = mix(seed ^ 0x5DEECE66DL);
    }

    /// A stream of its own for one purpose, drawn from a seed and a number; does not depend on what
    /// has been drawn elsewhere.
    public static Dice of(long seed, long purpose) {
        return new Dice(mix(seed + GOLDEN * (2 * purpose + 1)));
    }

    /// 64 random bits.
    public long nextLong() {
        return mix(state += GOLDEN);
    }

    /// A whole number from 0 to `bound - 1`.
    ///
    /// @throws IllegalArgumentException if `bound` is not positive
    public int nextInt(int bound) {
        if (bound < 1) {
            throw new IllegalArgumentException(
                    "bound %d of a die is not positive".formatted(bound));
        }
        return (int) (((nextLong() >>> 32) * bound) >>> 32);
    }

    /// A number from 0 (included) to 1 (excluded), a multiple of 2^-24.
    public float nextFloat() {
        return (nextLong() >>> 40) * 0x1p-24f;
    }

    /// A number between two bounds.
    public float between(float low, float high) {
        return low + (high - low) * nextFloat();
    }

    /// A draw from the standard normal distribution.
    public double nextGaussian() {
        double radius = ((nextLong() >>> 11) + 0.5) * 0x1p-53;
        double angle = (nextLong() >>> 11) * 0x1p-53;
        return StrictMath.sqrt(-2 * StrictMath.log(radius))
                * StrictMath.cos(2 * StrictMath.PI * angle);
    }

    /// True with this probability.
    public boolean chance(double probability) {
        return nextFloat() < probability;
    }

    /// A stream that starts from a draw of this one.
    public Dice split() {
        return new Dice(nextLong());
    }

    /// Where the stream stands; [#at] goes on from there.
    public long state() {
        return state;
    }

    /// A stream that goes on where another one stood.
    public static Dice at(long state) {
        var dice = new Dice(0);
        dice.state = state;
        return dice;
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
