package dev.orrery.env.tabletop;

import dev.orrery.env.Interval;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/// The result of one policy on one split.
///
/// @param split the test set
/// @param splitHash SHA-256 of its file
/// @param suiteHash [Suite#hash] of the code that ran it
/// @param subject the policy and how it was run
/// @param overall success over all episodes
/// @param families success and failures of each family that occurs
/// @param results one entry an episode, in the order of the file
public record SuiteReport(
        Split split,
        String splitHash,
        String suiteHash,
        Suite.Subject subject,
        Interval overall,
        List<Score> families,
        List<Result> results) {

    /// What came of one episode.
    public record Result(Family family, long seed, Outcome outcome, int steps) {

        /// Whether it reached its goal.
        public boolean success() {
            return outcome == Outcome.SUCCESS;
        }
    }

    /// One family's part.
    ///
    /// @param family which
    /// @param success its successes with their interval
    /// @param medianSteps length of its successful episodes, 0 without any
    /// @param outcomes how often each outcome occurred
    public record Score(
            Family family, Interval success, int medianSteps, Map<Outcome, Integer> outcomes) {}

    public SuiteReport {
        families = List.copyOf(families);
        results = List.copyOf(results);
    }

    static SuiteReport of(Split split, Suite.Subject subject, List<Result> results) {
        var byFamily = new TreeMap<Family, List<Result>>();
        for (var result : results) {
            byFamily.computeIfAbsent(result.family(), _ -> new java.util.ArrayList<>()).add(result);
        }
        var scores =
                byFamily.entrySet().stream().map(e -> score(e.getKey(), e.getValue())).toList();
        return new SuiteReport(
                split, split.hash(), Suite.hash(), subject, interval(results), scores, results);
    }

    private static Interval interval(List<Result> results) {
        int successes = (int) results.stream().filter(Result::success).count();
        return Interval.of(successes, results.size());
    }

    private static Score score(Family family, List<Result> results) {
        var outcomes = new EnumMap<Outcome, Integer>(Outcome.class);
        results.forEach(r -> outcomes.merge(r.outcome(), 1, Integer::sum));
        int[] lengths =
                results.stream().filter(Result::success).mapToInt(Result::steps).sorted().toArray();
        int median = lengths.length == 0 ? 0 : lengths[lengths.length / 2];
        return new Score(family, interval(results), median, outcomes);
    }

    /// The mean over families of their success rates.
    public double meanOfFamilies() {
        return families.stream().mapToDouble(s -> s.success().rate()).average().orElse(0);
    }

    /// The numbers by their usual names, the success rate first.
    public SequencedMap<String, Double> numbers() {
        var numbers = new LinkedHashMap<String, Double>();
        numbers.put("success_rate", overall.rate());
        numbers.put("success_low", overall.low());
        numbers.put("success_high", overall.high());
        numbers.put("episodes", (double) overall.trials());
        numbers.put(
                "worst_family",
                families.stream().mapToDouble(f -> f.success().rate()).min().orElse(0));
        for (var score : families) {
            numbers.put("success/" + score.family(), score.success().rate());
        }
        return numbers;
    }

    /// What two results on the same episodes say about which policy is better.
    ///
    /// @param verdict the words for a table
    /// @param difference this rate minus the other's
    /// @param onlyThis episodes that only this policy solved
    /// @param onlyOther episodes that only the other solved
    public record Comparison(Verdict verdict, double difference, int onlyThis, int onlyOther) {}

    /// Which policy is better, if the intervals can tell.
    public enum Verdict {
        BETTER,
        WORSE,
        /// The intervals overlap: no verdict.
        UNDECIDED
    }

    /// Compares with another result on the same split, episode by episode.
    ///
    /// @throws IllegalArgumentException if the split or the suite differs
    public Comparison compare(SuiteReport other) {
        if (!splitHash.equals(other.splitHash) || !suiteHash.equals(other.suiteHash)) {
            throw new IllegalArgumentException(
                    "results on %s (split %.8s, suite %.8s) and %s (split %.8s, suite %.8s) cannot be compared; evaluate both on the same files and version"
                            .formatted(
                                    split,
                                    splitHash,
                                    suiteHash,
                                    other.split,
                                    other.splitHash,
                                    other.suiteHash));
        }
        if (results.size() != other.results.size()) {
            throw new IllegalArgumentException(
                    "results of %d and %d episodes cannot be compared; evaluate the whole split"
                            .formatted(results.size(), other.results.size()));
        }
        int mine = 0, theirs = 0;
        for (int k = 0; k < results.size(); k++) {
            boolean a = results.get(k).success(), b = other.results.get(k).success();
            mine += a && !b ? 1 : 0;
            theirs += b && !a ? 1 : 0;
        }
        double difference = overall.rate() - other.overall.rate();
        var verdict =
                overall.overlaps(other.overall)
                        ? Verdict.UNDECIDED
                        : difference > 0 ? Verdict.BETTER : Verdict.WORSE;
        return new Comparison(verdict, difference, mine, theirs);
    }
}
