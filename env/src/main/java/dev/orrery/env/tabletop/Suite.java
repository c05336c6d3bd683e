package dev.orrery.env.tabletop;

import dev.orrery.env.BatchPolicy;
import dev.orrery.env.VecEnv;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Measures a policy on the fixed test sets: one attempt each, time-outs count as failures.
public final class Suite {

    /// Episodes that run in lock-step by default.
    public static final int BATCH = 50;

    private Suite() {}

    /// Hears how far an evaluation has come.
    @FunctionalInterface
    public interface Progress {
        /// The action of an episode that has just begun.
        float[] NONE = {};

        /// @param done episodes that have ended
        /// @param total episodes of the split
        void report(int done, int total);

        /// Sees an episode at its start and after each of its steps.
        ///
        /// @param episode its place among all
        /// @param action what its last step did; empty at its start
        /// @param table as it is now; it goes on, so keep a [Tabletop#fork]
        default void saw(int episode, float[] action, Tabletop table) {}
    }

    /// What a result belongs to, apart from the split.
    ///
    /// @param policy a name for tables
    /// @param policyHash what identifies its weights, possibly empty
    /// @param executed actions executed of each predicted chunk, 1 without chunks
    /// @param seed what stochastic policies draw from
    public record Subject(String policy, String policyHash, int executed, long seed) {}

    /// Runs every episode of a split, [#BATCH] at a time.
    public static SuiteReport evaluate(
            Split split, Subject subject, BatchPolicy<float[]> policy, Progress progress) {
        return evaluate(split, split.starts(), subject, policy, BATCH, progress);
    }

    /// Runs some episodes of a split.
    ///
    /// @param starts which, in order
    /// @param batch how many at a time
    public static SuiteReport evaluate(
            Split split,
            List<Start> starts,
            Subject subject,
            BatchPolicy<float[]> policy,
            int batch,
            Progress progress) {
        return SuiteReport.of(
                split, subject, play(starts, subject.seed(), policy, batch, progress));
    }

    /// Runs episodes that need not be a split's.
    ///
    /// @param starts which, in order
    /// @param seed what stochastic policies draw from
    /// @param batch how many at a time
    /// @return what came of each
    public static List<SuiteReport.Result> play(
            List<Start> starts,
            long seed,
            BatchPolicy<float[]> policy,
            int batch,
            Progress progress) {
        var results = new ArrayList<SuiteReport.Result>();
        for (int from = 0; from < starts.size(); from += batch) {
            var some = starts.subList(from, Math.min(starts.size(), from + batch));
            results.addAll(lockStep(some, from, seed, policy, progress));
            progress.report(results.size(), starts.size());
        }
        return List.copyOf(results);
    }

    private static List<SuiteReport.Result> lockStep(
            List<Start> starts,
            int first,
            long seed,
            BatchPolicy<float[]> policy,
            Progress progress) {
        var tables =
                starts.stream()
                        .map(s -> new Tabletop(Family.CORE, Trial.armFor(s.task())))
                        .toList();
        var together = new VecEnv<Tabletop, float[]>(tables);
        var steps = new int[starts.size()];
        together.reset((table, place) -> table.reset(starts.get(place)));
        for (int k = 0; k < tables.size(); k++) {
            progress.saw(first + k, Progress.NONE, tables.get(k));
        }
        policy.reset(starts.stream().mapToLong(s -> s.seed() ^ seed).toArray());
        for (var running = together.running(); running.length > 0; running = together.running()) {
            var actions = policy.act(running, together.observations());
            var taken = actions.iterator();
            together.step(
                    actions,
                    (_, place) -> {
                        steps[place]++;
                        progress.saw(first + place, taken.next(), tables.get(place));
                    });
        }
        return IntStream.range(0, starts.size())
                .mapToObj(k ->
                        new SuiteReport.Result(
                                starts.get(k).task().family(),
                                starts.get(k).seed(),
                                tables.get(k).outcome(),
                                steps[k]))
                .toList();
    }

    /// A hash of everything that results depend on: split files, vocabulary, and the pictures and
    /// states that the expert brings about.
    public static String hash() {
        return Hash.VALUE;
    }

    private static final class Hash {
        private static final String VALUE = compute();

        private static String compute() {
            var bytes = new ByteArrayOutputStream();
            for (var split : Split.values()) {
                bytes.writeBytes(split.hash().getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            }
            bytes.writeBytes(
                    String.join(" ", Words.all())
                            .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            for (var family : Family.values()) {
                bytes.writeBytes(
                        Frames.hash(family).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            }
            return Split.sha256(bytes.toByteArray());
        }
    }

    /// The pictures and states of one expert episode of a family, hashed.
    static final class Frames {
        private Frames() {}

        static String hash(Family family) {
            var arm = family == Family.ALIGN ? Arm.SEVEN : Arm.FOUR;
            var table = new Tabletop(List.of(family), arm);
            var bytes = new ByteArrayOutputStream();
            var seen = table.reset(20261122);
            while (table.outcome() == Outcome.UNFINISHED) {
                seen.images().values().forEach(image -> bytes.writeBytes(image.rgb()));
                for (float value : seen.state()) {
                    int bits = Float.floatToIntBits(value);
                    for (int shift = 24; shift >= 0; shift -= 8) {
                        bytes.write(bits >> shift);
                    }
                }
                seen = table.step(table.expertAction()).observation();
            }
            bytes.write(table.outcome().ordinal());
            return Split.sha256(bytes.toByteArray());
        }
    }
}
