package dev.orrery.run;

import java.util.Arrays;

/// How long something takes when nothing else matters: the median of many times, the first few not
/// counted.
public final class Stopwatch {

    private static final int TIMED = 31, UNTIMED = 5;

    private Stopwatch() {}

    /// Seconds that one execution takes.
    public static double seconds(Runnable what) {
        var seconds = new double[TIMED];
        for (int i = -UNTIMED; i < TIMED; i++) {
            long start = System.nanoTime();
            what.run();
            if (i >= 0) seconds[i] = (System.nanoTime() - start) / 1e9;
        }
        Arrays.sort(seconds);
        return seconds[TIMED / 2];
    }
}
