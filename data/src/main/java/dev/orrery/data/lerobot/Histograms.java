package dev.orrery.data.lerobot;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.databind.node.JsonNodeFactory;

/// Histograms of the numbers of a data set, from which quantiles over all its frames follow however
/// it was put together.
///
/// Kept in `meta/histograms.json` for the features that are recorded, up to [#WIDEST] elements. The
/// Python library does not know the file; after it has changed a data set the count of frames no
/// longer fits, and the file is ignored.
public final class Histograms {

    private static final String FILE = "meta/histograms.json";
    private static final int WIDEST = 64;

    private final SequencedMap<String, Histogram[]> features = new LinkedHashMap<>();
    private long frames;

    Histograms() {}

    /// Whether a feature is counted.
    static boolean takes(Feature feature) {
        return feature.dtype().isNumber()
                && !Feature.AUTOMATIC.contains(feature.name())
                && feature.elements() <= WIDEST;
    }

    /// Takes in frames of a feature that is counted.
    void add(Feature feature, double[] values) {
        int n = feature.elements();
        var all = features.computeIfAbsent(feature.name(), _ -> empty(n));
        for (int i = 0; i < values.length; i++) all[i % n].add(values[i]);
    }

    private static Histogram[] empty(int n) {
        var out = new Histogram[n];
        for (int i = 0; i < n; i++) out[i] = new Histogram();
        return out;
    }

    /// Takes in an episode.
    void add(Iterable<Feature> all, EpisodeBuffer buffer, int length) {
        for (var feature : all) if (takes(feature)) add(feature, buffer.numbers(feature));
        frames += length;
    }

    /// Counts frames, once for all features.
    void frames(long more) {
        frames += more;
    }

    /// The statistics, with quantiles over all frames under `exact_q01`…
    SequencedMap<String, FeatureStats> exact(SequencedMap<String, FeatureStats> stats) {
        var out = new LinkedHashMap<String, FeatureStats>();
        stats.forEach((name, value) -> out.put(name, exact(name, value)));
        return out;
    }

    private FeatureStats exact(String name, FeatureStats stats) {
        var all = features.get(name);
        if (all == null || all.length != stats.dimensions()) return stats;
        for (var one : all) if (one.count() == 0) return stats;
        var quantiles = new LinkedHashMap<>(stats.quantiles());
        for (var q : EpisodeStats.QUANTILES.entrySet()) {
            var values = new double[all.length];
            for (int d = 0; d < values.length; d++) {
                double found = all[d].quantile(q.getValue());
                values[d] = Math.max(stats.min()[d], Math.min(stats.max()[d], found));
            }
            quantiles.put("exact_" + q.getKey(), values);
        }
        return new FeatureStats(
                stats.min(), stats.max(), stats.mean(), stats.std(), stats.count(), quantiles);
    }

    void write(Path root) {
        var json = JsonNodeFactory.instance.objectNode().put("frames", frames);
        var all = json.putObject("features");
        features.forEach((name, dimensions) -> {
            var list = all.putArray(name);
            for (var one : dimensions) list.add(one.toJson());
        });
        Atomic.write(root.resolve(FILE), Json.line(json).getBytes(StandardCharsets.UTF_8));
    }

    /// The histograms of a data set; empty if it has none, or none that fit its frames.
    static Optional<Histograms> read(Path root, Info info) {
        var file = root.resolve(FILE);
        if (!Files.exists(file)) return Optional.empty();
        try {
            var json = Json.object(file);
            var out = new Histograms();
            out.frames = json.path("frames").asLong(-1);
            if (out.frames != info.totals().frames()) return Optional.empty();
            for (var entry : json.path("features").properties()) {
                var feature = info.features().get(entry.getKey());
                if (feature == null || feature.elements() != entry.getValue().size())
                    return Optional.empty();
                out.features.put(
                        entry.getKey(),
                        entry.getValue()
                                .valueStream()
                                .map(Histogram::parse)
                                .toArray(Histogram[]::new));
            }
            return Optional.of(out);
        } catch (RuntimeException _) {
            // It can be made again from the data, and nothing else depends on it.
            return Optional.empty();
        }
    }

    /// Forgets what a folder holds, when it no longer fits.
    static void forget(Path root) {
        try {
            Files.deleteIfExists(root.resolve(FILE));
        } catch (java.io.IOException e) {
            throw dev.orrery.data.DatasetException.at(root.resolve(FILE), "cannot be deleted", e);
        }
    }
}
