package dev.orrery.data.lerobot;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Function;

/// Joins the statistics of episodes into those of a data set, as LeRobot does.
///
/// Means are weighted by frames and variances joined in parallel; quantiles of the whole cannot be
/// had from those of the parts, so the envelope stands in: the least for q50 and below, the
/// greatest above.
public final class StatsFold {

    private StatsFold() {}

    /// The statistics over all parts; features keep the order in which they first occur.
    public static SequencedMap<String, FeatureStats> aggregate(
            List<? extends SequencedMap<String, FeatureStats>> parts) {
        var names = new LinkedHashMap<String, FeatureStats>();
        for (var part : parts)
            for (var name : part.keySet()) names.putIfAbsent(name, part.get(name));
        names.replaceAll((name, _) ->
                fold(parts.stream().map(p -> p.get(name)).filter(s -> s != null).toList()));
        return names;
    }

    static FeatureStats fold(List<FeatureStats> parts) {
        var first = parts.getFirst();
        if (parts.size() == 1) return first;
        int n = first.dimensions();
        long count = parts.stream().mapToLong(FeatureStats::count).sum();
        var mean = new double[n];
        var std = new double[n];
        for (var part : parts)
            for (int i = 0; i < n; i++) mean[i] += part.mean()[i] * part.count() / count;
        for (var part : parts) {
            for (int i = 0; i < n; i++) {
                double shift = part.mean()[i] - mean[i];
                std[i] += (part.std()[i] * part.std()[i] + shift * shift) * part.count() / count;
            }
        }
        for (int i = 0; i < n; i++) std[i] = Math.sqrt(std[i]);
        var quantiles = new LinkedHashMap<String, double[]>();
        for (var key : first.quantiles().keySet()) {
            if (!key.startsWith("q"))
                continue; // Exact quantiles of parts say nothing exact of the whole.
            if (!parts.stream().allMatch(p -> p.quantiles().containsKey(key))) continue;
            boolean low = Double.parseDouble(key.substring(1)) <= 50;
            quantiles.put(
                    key, each(parts, p -> p.quantiles().get(key), low ? Math::min : Math::max));
        }
        return new FeatureStats(
                each(parts, FeatureStats::min, Math::min),
                each(parts, FeatureStats::max, Math::max),
                mean,
                std,
                count,
                quantiles);
    }

    private static double[] each(
            List<FeatureStats> parts,
            Function<FeatureStats, double[]> what,
            DoubleBinaryOperator join) {
        var out = what.apply(parts.getFirst()).clone();
        for (var part : parts) {
            var values = what.apply(part);
            for (int i = 0; i < out.length; i++) out[i] = join.applyAsDouble(out[i], values[i]);
        }
        return out;
    }
}
