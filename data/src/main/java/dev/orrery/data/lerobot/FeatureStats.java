package dev.orrery.data.lerobot;

import dev.orrery.data.DatasetException;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Statistics of one feature over frames, one number a dimension; for pictures one a channel, in
/// [0, 1].
///
/// Arrays are handed over, not copied.
///
/// @param count frames that went in
/// @param quantiles values by key (`q01`, `q50`…), in file order
public record FeatureStats(
        double[] min,
        double[] max,
        double[] mean,
        double[] std,
        long count,
        SequencedMap<String, double[]> quantiles) {

    /// The number of dimensions.
    public int dimensions() {
        return mean.length;
    }

    /// A quantile, or else what comes nearest to it: the least or the greatest value.
    public double[] quantile(String key, double[] otherwise) {
        var found = quantiles.get(key);
        return found == null ? otherwise : found;
    }

    static FeatureStats parse(String feature, JsonNode json) {
        var quantiles = new LinkedHashMap<String, double[]>();
        for (var entry : json.properties()) {
            if (entry.getKey().matches("(exact_)?q[0-9]+(\\.[0-9]+)?")) {
                quantiles.put(entry.getKey(), flat(feature, entry.getKey(), entry.getValue()));
            }
        }
        var mean = need(feature, json, "mean");
        var std = need(feature, json, "std");
        var min = json.has("min") ? need(feature, json, "min") : mean;
        var max = json.has("max") ? need(feature, json, "max") : mean;
        long count = json.has("count") ? (long) need(feature, json, "count")[0] : 0;
        for (var other : new double[][] {min, max, std}) {
            if (other.length != mean.length) {
                throw new DatasetException(
                        "statistics of '%s' have %d and %d dimensions"
                                .formatted(feature, mean.length, other.length));
            }
        }
        return new FeatureStats(min, max, mean, std, count, quantiles);
    }

    private static double[] need(String feature, JsonNode json, String key) {
        if (!json.hasNonNull(key))
            throw new DatasetException("statistics of '%s' lack '%s'".formatted(feature, key));
        return flat(feature, key, json.get(key));
    }

    private static double[] flat(String feature, String key, JsonNode node) {
        var out = java.util.stream.DoubleStream.builder();
        flatten(node, out, feature, key, 0);
        var values = out.build().toArray();
        if (values.length == 0)
            throw new DatasetException("statistic '%s' of '%s' is empty".formatted(key, feature));
        return values;
    }

    private static void flatten(
            JsonNode node,
            java.util.stream.DoubleStream.Builder out,
            String feature,
            String key,
            int depth) {
        if (node.isArray() && depth < 8)
            node.values().forEach(n -> flatten(n, out, feature, key, depth + 1));
        else if (node.isNumber()) out.add(node.doubleValue());
        else if (node.isBoolean()) out.add(node.booleanValue() ? 1 : 0);
        else
            throw new DatasetException(
                    "statistic '%s' of '%s' holds %s".formatted(key, feature, node));
    }

    /// The JSON form: lists of the feature's shape; pictures as `[channels, 1, 1]`.
    ObjectNode toJson(Feature feature) {
        var json = JsonNodeFactory.instance.objectNode();
        json.set("min", shaped(min, feature));
        json.set("max", shaped(max, feature));
        json.set("mean", shaped(mean, feature));
        json.set("std", shaped(std, feature));
        json.putArray("count").add(count);
        quantiles.forEach((key, values) -> json.set(key, shaped(values, feature)));
        return json;
    }

    private static ArrayNode shaped(double[] values, Feature feature) {
        if (!feature.dtype().isPicture()) {
            int[] shape = feature.shape().stream().mapToInt(Integer::intValue).toArray();
            return shaped(values, shape, 0, new int[1]);
        }
        return shaped(values, new int[] {values.length, 1, 1}, 0, new int[1]);
    }

    private static ArrayNode shaped(double[] values, int[] shape, int axis, int[] at) {
        var out = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < shape[axis]; i++) {
            if (axis == shape.length - 1) out.add(values[at[0]++]);
            else out.add(shaped(values, shape, axis + 1, at));
        }
        return out;
    }
}
