package dev.orrery.run;

import java.util.List;

/// A measured trial: what was planned, what was seen, and the verdict.
///
/// @param id the trial's short name
/// @param statement what should be seen
/// @param arms the variants
/// @param seeds the seeds that were measured
/// @param metric the headline metric
/// @param threshold what passes
/// @param experiment name of the experiment
/// @param complete whether every seed of the plan was measured
/// @param results all measurements
/// @param verdict what came of it
public record TrialResult(
        String id,
        String statement,
        List<String> arms,
        List<Long> seeds,
        String metric,
        String threshold,
        String experiment,
        boolean complete,
        Results results,
        Verdict verdict) {

    static TrialResult of(Trial trial, List<Long> seeds, Results results) {
        return new TrialResult(
                trial.id(),
                trial.statement(),
                trial.arms(),
                seeds,
                trial.metric(),
                trial.threshold(),
                trial.experiment().name(),
                seeds.size() == trial.seeds().size(),
                results,
                trial.judge().judge(results));
    }
}
