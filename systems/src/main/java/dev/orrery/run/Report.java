package dev.orrery.run;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// The numbers that a run ends with, in the order in which they matter.
///
/// @param metrics name to value; the first is the headline
public record Report(SequencedMap<String, Double> metrics) {

    public Report {
        metrics = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(metrics));
    }

    /// A report of nothing.
    public static Report empty() {
        return new Report(new LinkedHashMap<>());
    }

    /// A report of one number.
    public static Report of(String name, double value) {
        return empty().with(name, value);
    }

    /// The mean of several reports, number by number, under the first one's names.
    ///
    /// @throws IllegalArgumentException if there is none, or one lacks a number
    public static Report mean(List<Report> reports) {
        if (reports.isEmpty()) {
            throw new IllegalArgumentException("there is no report to take the mean of");
        }
        var mean = new LinkedHashMap<String, Double>();
        for (var name : reports.getFirst().metrics.keySet()) {
            mean.put(name, reports.stream().mapToDouble(r -> r.get(name)).average().orElseThrow());
        }
        return new Report(mean);
    }

    /// This report and one more number.
    public Report with(String name, double value) {
        var more = new LinkedHashMap<>(metrics);
        more.put(name, value);
        return new Report(more);
    }

    /// This report and then another's numbers, which win where both have one.
    public Report plus(Report more) {
        var all = new LinkedHashMap<>(metrics);
        all.putAll(more.metrics);
        return new Report(all);
    }

    /// The number called `name`.
    ///
    /// @throws IllegalArgumentException if there is none; the message lists those there are
    public double get(String name) {
        var value = metrics.get(name);
        if (value == null) {
            throw new IllegalArgumentException(
                    "the report has no '%s'; it has %s".formatted(name, metrics.keySet()));
        }
        return value;
    }
}
