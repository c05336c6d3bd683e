package dev.orrery.env;

import java.util.function.LongSupplier;

/// Measures how much work a thread does in a second.
public final class Rate {

    private static final int WARM_UP = 3;

    private Rate() {}

    /// The best of many runs, in units of work a second; the first three runs only warm up.
    ///
    /// @param seconds how long to go on
    /// @param work does some work and says how much it was
    public static double best(double seconds, LongSupplier work) {
        for (int k = 0; k < WARM_UP; k++) {
            work.getAsLong();
        }
        double best = 0;
        long end = System.nanoTime() + (long) (seconds * 1e9);
        do {
            long from = System.nanoTime();
            long done = work.getAsLong();
            best = Math.max(best, done * 1e9 / (System.nanoTime() - from));
        } while (System.nanoTime() < end);
        return best;
    }
}
