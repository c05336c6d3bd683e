package dev.orrery.data.lerobot;

import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Counts the values of one dimension, in at most [#MOST] bins.
///
/// As long as there are few distinct values, each has a bin of its own and quantiles are exact.
/// Then bins are as wide as a power of two, the least that suffices, on a grid through 0. What
/// comes out does not depend on the order of values, nor on how they are parted before [#merge], so
/// that the quantiles of a whole follow from its parts; they are off by less than a bin, usually
/// less than a thousandth of the range.
final class Histogram {

    /// The most bins that are kept.
    static final int MOST = 4096;

    private static final int DIGITS = 52, EXACT = Integer.MIN_VALUE;

    /// Counts by the bin's lower edge.
    private final TreeMap<Double, Long> bins = new TreeMap<>();

    private int exponent = EXACT;
    private long count;
    private double largest;

    /// Takes in a value; what is not finite is left out.
    void add(double value) {
        if (Double.isFinite(value)) put(value, 1);
    }

    /// Takes in all that another has counted.
    void merge(Histogram other) {
        largest = Math.max(largest, other.largest);
        widen(other.exponent);
        other.bins.forEach(this::put);
    }

    private void put(double value, long times) {
        largest = Math.max(largest, Math.abs(value));
        if (exponent != EXACT) widen(least());
        // Adding 0 turns -0 into 0, which is a key of its own otherwise.
        bins.merge(edge(value) + 0.0, times, Long::sum);
        count += times;
        while (bins.size() > MOST) widen(exponent == EXACT ? least() : exponent + 1);
    }

    /// The least exponent at which edges are still exact.
    private int least() {
        return Math.max(Double.MIN_EXPONENT, Math.getExponent(largest) - DIGITS + 1);
    }

    private double edge(double value) {
        return exponent == EXACT
                ? value
                : Math.scalb(Math.floor(Math.scalb(value, -exponent)), exponent);
    }

    private void widen(int wanted) {
        if (wanted <= exponent) return;
        exponent = wanted;
        var before = Map.copyOf(bins);
        bins.clear();
        before.forEach((value, times) -> bins.merge(edge(value) + 0.0, times, Long::sum));
    }

    /// The values counted.
    long count() {
        return count;
    }

    /// The width of a bin, 0 while each value has its own.
    double width() {
        return exponent == EXACT ? 0 : Math.scalb(1.0, exponent);
    }

    /// The least value that at least this share of the values does not exceed.
    ///
    /// @param share above 0, at most 1
    /// @throws IllegalStateException if nothing was counted
    double quantile(double share) {
        double rank = Math.clamp(Math.ceil(share * count - 1e-9), 1, count);
        long before = 0;
        for (var bin : bins.entrySet()) {
            if (before + bin.getValue() >= rank)
                return bin.getKey() + width() * (rank - before - 0.5) / bin.getValue();
            before += bin.getValue();
        }
        throw new IllegalStateException("the histogram is empty");
    }

    ObjectNode toJson() {
        var json = JsonNodeFactory.instance.objectNode().put("width", width());
        var at = json.putArray("at");
        var counts = json.putArray("counts");
        bins.forEach((edge, times) -> {
            at.add(edge);
            counts.add(times);
        });
        return json;
    }

    /// Reads what [#toJson] wrote.
    ///
    /// @throws IllegalArgumentException if it is something else
    static Histogram parse(JsonNode json) {
        var out = new Histogram();
        double width = json.path("width").asDouble(-1);
        var at = json.path("at");
        var counts = json.path("counts");
        boolean grid = width > 0 && Math.scalb(1.0, Math.getExponent(width)) == width;
        if (!grid && width != 0 || at.size() != counts.size() || at.size() > MOST)
            throw new IllegalArgumentException("this is no histogram");
        for (int i = 0; i < at.size(); i++) {
            double value = at.get(i).asDouble(Double.NaN);
            long times = counts.get(i).asLong(0);
            if (!Double.isFinite(value) || times < 1)
                throw new IllegalArgumentException("bin %d of a histogram is empty".formatted(i));
            out.put(value, times);
        }
        if (grid) out.widen(Math.getExponent(width));
        return out;
    }
}
