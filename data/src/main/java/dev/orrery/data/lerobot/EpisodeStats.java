package dev.orrery.data.lerobot;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// Statistics of numbers, exact: quantiles are the least value that at least that share of the
/// frames does not exceed.
final class EpisodeStats {

    /// Shares by key, as LeRobot names them.
    static final SequencedMap<String, Double> QUANTILES = quantiles();

    private EpisodeStats() {}

    private static SequencedMap<String, Double> quantiles() {
        var out = new LinkedHashMap<String, Double>();
        out.put("q01", 0.01);
        out.put("q10", 0.10);
        out.put("q50", 0.50);
        out.put("q90", 0.90);
        out.put("q99", 0.99);
        return out;
    }

    /// @param values frame after frame
    static FeatureStats of(double[] values, int dimensions) {
        var moments = new Moments(dimensions);
        moments.add(values);
        int frames = values.length / dimensions;
        var quantiles = new LinkedHashMap<String, double[]>();
        for (var key : QUANTILES.keySet()) quantiles.put(key, new double[dimensions]);
        var column = new double[frames];
        for (int d = 0; d < dimensions; d++) {
            for (int f = 0; f < frames; f++) column[f] = values[f * dimensions + d];
            Arrays.sort(column);
            for (var q : QUANTILES.entrySet())
                quantiles.get(q.getKey())[d] = quantile(column, q.getValue());
        }
        return new FeatureStats(
                moments.min(), moments.max(), moments.mean(), moments.std(), frames, quantiles);
    }

    static double quantile(double[] sorted, double share) {
        int at = (int) Math.ceil(share * sorted.length - 1e-9) - 1;
        return sorted[Math.clamp(at, 0, sorted.length - 1)];
    }
}
