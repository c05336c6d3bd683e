package dev.orrery.run;

import java.util.HashSet;
import java.util.List;
import java.util.function.Function;

/// One comparison of a [Claim].
///
/// @param id short name, as in the specification: `F1`
/// @param statement what should be seen
/// @param arms the variants compared; each is measured with every seed
/// @param seeds the seeds
/// @param metric the number that the figure shows; a name in the measured reports, or a family of
///   names `metric@x` for a curve over x
/// @param threshold what passes, in words
/// @param experiment measures one arm with one seed; trials that share it share its results
/// @param judge turns all results into a verdict, as `threshold` says
public record Trial(
        String id,
        String statement,
        List<String> arms,
        List<Long> seeds,
        String metric,
        String threshold,
        Experiment experiment,
        Judge judge) {

    public Trial {
        arms = List.copyOf(arms);
        seeds = List.copyOf(seeds);
        if (arms.isEmpty() || seeds.isEmpty()) {
            throw new IllegalArgumentException("trial %s needs an arm and a seed".formatted(id));
        }
        if (new HashSet<>(arms).size() < arms.size()
                || new HashSet<>(seeds).size() < seeds.size()) {
            throw new IllegalArgumentException(
                    "trial %s names an arm or a seed twice: %s %s".formatted(id, arms, seeds));
        }
    }

    /// Something that is measured.
    ///
    /// @param name names the folder of its results; equal names mean equal experiments
    /// @param measure does it
    /// @param settings what determines an arm's result besides seed and code, something that can be
    ///   written as JSON: results under other settings do not count
    public record Experiment(String name, Measure measure, Function<String, Object> settings) {

        /// An experiment that its name says all about.
        public Experiment(String name, Measure measure) {
            this(name, measure, _ -> "");
        }
    }

    /// Measures one arm; the seed is the run's.
    @FunctionalInterface
    public interface Measure {
        Report measure(String arm, Run run);
    }

    /// Decides whether the results meet the threshold.
    @FunctionalInterface
    public interface Judge {
        Verdict judge(Results results);

        /// A judge for trials without a threshold.
        static Judge reported() {
            return _ -> new Verdict(Verdict.Outcome.REPORTED, "reported, no threshold");
        }
    }
}
