package dev.orrery.run;

import java.util.List;
import java.util.stream.DoubleStream;

/// Everything that a trial measured.
///
/// @param measurements one a pair of arm and seed
public record Results(List<Measurement> measurements) {

    public Results {
        measurements = List.copyOf(measurements);
    }

    /// One measurement.
    ///
    /// @param arm the variant
    /// @param seed the seed
    /// @param report what was measured
    /// @param seconds how long it took
    /// @param machine where, and with which code
    /// @param settings a digest of the arm's settings
    public record Measurement(
            String arm,
            long seed,
            Report report,
            double seconds,
            Machine machine,
            String settings) {}

    /// A metric of one arm, seed by seed, in the order of the trial.
    public double[] values(String arm, String metric) {
        return of(arm, metric).toArray();
    }

    /// The mean over the seeds of one arm's metric.
    public double mean(String arm, String metric) {
        return of(arm, metric).average().orElse(Double.NaN);
    }

    /// The sample standard deviation over the seeds of one arm's metric; 0 for a single seed.
    public double deviation(String arm, String metric) {
        var values = values(arm, metric);
        double mean = mean(arm, metric);
        double squares = DoubleStream.of(values).map(v -> (v - mean) * (v - mean)).sum();
        return values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1));
    }

    /// For how many seeds `arm` has a smaller value than `other`.
    public long seedsLower(String arm, String other, String metric) {
        var mine = values(arm, metric);
        var theirs = values(other, metric);
        long lower = 0;
        for (int i = 0; i < Math.min(mine.length, theirs.length); i++) {
            lower += mine[i] < theirs[i] ? 1 : 0;
        }
        return lower;
    }

    /// The measurements of one arm, in the order of the trial.
    List<Measurement> of(String arm) {
        return measurements.stream().filter(m -> m.arm().equals(arm)).toList();
    }

    /// The metrics that every seed of an arm has. Some may lack one: a rate, say, at which training
    /// that seed was given up.
    List<String> metrics(String arm) {
        return of(arm).getFirst().report().metrics().keySet().stream()
                .filter(name ->
                        of(arm).stream().allMatch(m -> m.report().metrics().containsKey(name)))
                .toList();
    }

    private DoubleStream of(String arm, String metric) {
        return of(arm).stream().mapToDouble(m -> m.report().get(metric));
    }
}
