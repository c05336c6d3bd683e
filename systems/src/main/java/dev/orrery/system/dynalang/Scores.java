package dev.orrery.system.dynalang;

import dev.orrery.run.Report;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// Returns and outcomes of episodes as they end.
final class Scores {

    private final double[] running;
    private final List<Report> ended = new ArrayList<>();

    Scores(int lanes) {
        running = new double[lanes];
    }

    /// Takes in what every world shows now.
    ///
    /// @param counted whether a lane's episode is to count
    void add(Stage stage, java.util.function.IntPredicate counted) {
        for (int n = 0; n < running.length; n++) {
            running[n] = stage.first()[n] ? 0 : running[n] + stage.rewards()[n];
            if (!stage.last()[n] || !counted.test(n)) continue;
            ended.add(Report.of("score", running[n]).plus(stage.outcome(n)));
        }
    }

    int count() {
        return ended.size();
    }

    /// The mean of the last `most` episodes' score.
    double recent(int most) {
        return ended.subList(Math.max(0, ended.size() - most), ended.size()).stream()
                .mapToDouble(r -> r.get("score"))
                .average()
                .orElse(Double.NEGATIVE_INFINITY);
    }

    /// Means over the episodes from `first` on.
    Report means(int first) {
        var sums = new LinkedHashMap<String, Double>();
        var since = ended.subList(Math.min(first, ended.size()), ended.size());
        for (var report : since)
            report.metrics().forEach((name, value) -> sums.merge(name, value, Double::sum));
        var means = Report.empty();
        for (var entry : sums.entrySet())
            means = means.with(entry.getKey(), entry.getValue() / since.size());
        return means;
    }

    /// The last scores, at most `most`.
    double[] last(int most) {
        return ended.subList(Math.max(0, ended.size() - most), ended.size()).stream()
                .mapToDouble(r -> r.get("score"))
                .toArray();
    }

    /// Takes up scores of before a stop.
    void restore(double[] scores) {
        for (double score : scores) ended.add(Report.of("score", score));
    }

    double[] running() {
        return running;
    }
}
