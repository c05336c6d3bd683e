package dev.orrery.studio;

import java.util.Arrays;
import java.util.Map;

/// How long the chunks of a policy took to predict: the last 256 of them.
final class Latency {

    private static final int KEPT = 256;

    private final double[] millis = new double[KEPT];
    private int count;

    void add(double taken) {
        millis[count++ % KEPT] = taken;
    }

    void clear() {
        count = 0;
    }

    /// The smallest time that a share of the chunks did not exceed, 0 without any.
    double quantile(double share) {
        int n = Math.min(count, KEPT);
        if (n == 0) {
            return 0;
        }
        var sorted = Arrays.copyOf(millis, n);
        Arrays.sort(sorted);
        return sorted[Math.clamp((int) Math.ceil(share * n) - 1, 0, n - 1)];
    }

    /// As the page wants it; empty before the first chunk.
    Map<String, Object> view() {
        if (count == 0) {
            return Map.of();
        }
        return Map.of(
                "last",
                millis[(count - 1) % KEPT],
                "p50",
                quantile(.5),
                "p95",
                quantile(.95),
                "count",
                count);
    }
}
