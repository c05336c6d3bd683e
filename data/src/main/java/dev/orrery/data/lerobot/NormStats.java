package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Statistics in the forms that other projects keep them in.
public final class NormStats {

    private static final String STATE = "observation.state", ACTION = "action";

    private NormStats() {}

    /// Writes openpi's `norm_stats.json`: `state` and `actions` with mean, std, q01 and q99.
    public static void writeOpenpi(LeRobotDataset data, Path file) {
        var json = JsonNodeFactory.instance.objectNode();
        var all = json.putObject("norm_stats");
        put(all, "state", data.stats().get(STATE), false);
        put(all, "actions", need(data), false);
        Atomic.write(file, Json.pretty(json));
    }

    /// Writes openvla's `dataset_statistics.json`: `action` and `proprio` below the data set's
    /// name.
    public static void writeOpenvla(LeRobotDataset data, String name, Path file) {
        var json = JsonNodeFactory.instance.objectNode();
        var all = json.putObject(name);
        put(all, "action", need(data), true);
        var mask = ((ObjectNode) all.get("action")).putArray("mask");
        for (int i = 0; i < need(data).dimensions(); i++) mask.add(true);
        put(all, "proprio", data.stats().get(STATE), true);
        all.put("num_transitions", data.frames()).put("num_trajectories", data.episodes().size());
        Atomic.write(file, Json.pretty(json));
    }

    private static FeatureStats need(LeRobotDataset data) {
        var stats = data.stats().get(ACTION);
        if (stats == null)
            throw DatasetException.at(
                    data.root(),
                    "has no statistics of 'action'; 'orrery data stats --write' computes them");
        return stats;
    }

    private static void put(ObjectNode json, String name, FeatureStats stats, boolean bounds) {
        if (stats == null) return;
        var entry = json.putObject(name);
        entry.set("mean", list(stats.mean()));
        entry.set("std", list(stats.std()));
        if (bounds) {
            entry.set("max", list(stats.max()));
            entry.set("min", list(stats.min()));
        }
        entry.set("q01", list(stats.quantile("exact_q01", stats.quantile("q01", stats.min()))));
        entry.set("q99", list(stats.quantile("exact_q99", stats.quantile("q99", stats.max()))));
    }

    private static ArrayNode list(double[] values) {
        var out = JsonNodeFactory.instance.arrayNode();
        for (var value : values) out.add(value);
        return out;
    }

    /// Reads openpi's or openvla's file as statistics of `observation.state` and `action`.
    ///
    /// Least and greatest values that a file does not have are taken to be its quantiles.
    ///
    /// @throws DatasetException if it is neither
    public static SequencedMap<String, FeatureStats> read(Path file) {
        var json = Json.object(file);
        JsonNode all =
                json.has("norm_stats")
                        ? json.get("norm_stats")
                        : json.size() == 1 ? json.iterator().next() : json;
        var out = new LinkedHashMap<String, FeatureStats>();
        take(file, all, out, STATE, "state", "proprio");
        take(file, all, out, ACTION, "actions", "action");
        if (out.isEmpty())
            throw DatasetException.at(file, "holds neither openpi's nor openvla's statistics");
        return out;
    }

    /// Puts the statistics of such a file in the place of those of a data set, as its
    /// `meta/stats.json`.
    ///
    /// @throws DatasetException if it is neither, or of other dimensions
    public static void store(LeRobotDataset data, Path file) {
        var all = new LinkedHashMap<>(data.stats());
        read(file)
                .forEach((name, stats) -> {
                    var feature = data.features().get(name);
                    if (feature == null || feature.elements() != stats.dimensions()) {
                        throw DatasetException.at(
                                file,
                                "has %d dimensions of '%s', the data set %s"
                                        .formatted(
                                                stats.dimensions(),
                                                name,
                                                feature == null ? "none" : feature.elements()));
                    }
                    all.put(name, stats);
                });
        MetaFiles.stats(data.root(), data.info(), all);
    }

    private static void take(
            Path file,
            JsonNode all,
            SequencedMap<String, FeatureStats> out,
            String name,
            String... keys) {
        for (var key : keys) {
            if (!(all.path(key) instanceof ObjectNode found)) continue;
            var copy = found.deepCopy();
            if (!copy.has("min") && copy.has("q01")) copy.set("min", copy.get("q01"));
            if (!copy.has("max") && copy.has("q99")) copy.set("max", copy.get("q99"));
            try {
                out.put(name, FeatureStats.parse(name, copy));
            } catch (DatasetException e) {
                throw DatasetException.at(file, e.getMessage(), e);
            }
        }
    }
}
