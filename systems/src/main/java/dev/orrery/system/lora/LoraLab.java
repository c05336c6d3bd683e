package dev.orrery.system.lora;

import dev.orrery.adapter.Adapter;
import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.adapt.Adapts;
import dev.orrery.policy.adapt.Manner;
import dev.orrery.policy.adapt.Pupil;
import dev.orrery.policy.adapt.ShiftedLab;
import dev.orrery.run.Report;
import dev.orrery.run.Run;
import dev.orrery.run.Watch;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// Measures one arm of the claim.
final class LoraLab {

    private static final List<Double> MULTIPLES = List.of(1., 3., 10., 30.);
    private static final int TIMED = 61, PROBES = 8;

    private final ShiftedLab lab;
    private final ShiftedLab.Budget budget;

    LoraLab(Adapts system, Path base, ShiftedLab.Budget budget, Run run) {
        this.budget = budget;
        lab =
                new ShiftedLab(
                        system,
                        base,
                        run.folder().resolve("adapted"),
                        budget,
                        run.seed(),
                        run.heldOutSeed(),
                        new Watch(run)::at);
    }

    /// The base as it is.
    Report base() {
        try (var pupil = lab.pupil()) {
            return Report.of("success_rate", lab.shifted(pupil))
                    .with("original", lab.original(pupil))
                    .with("trained", 0);
        }
    }

    /// A manner at the best of its four rates by validation demonstrations.
    Report adapted(String name, Manner manner) {
        var rates = MULTIPLES.stream().map(m -> m * budget.plan().learningRate()).toList();
        double rate = lab.best(name, manner, rates);
        var report =
                Report.of("rate", rate)
                        .with("validation_loss", lab.train(name, manner, rate))
                        .with("training_bytes", lab.trainingBytes(rate));
        return lab.with(
                manner,
                rate,
                adapted -> {
                    var pupil = adapted.pupil();
                    var adaptation = adapted.adaptation();
                    var played =
                            Report.of("success_rate", lab.shifted(pupil))
                                    .with("original", lab.original(pupil))
                                    .with("trained", adaptation.trained());
                    var all = played.plus(report);
                    return adaptation.adapter().map(a -> all.plus(taken(pupil, a))).orElse(all);
                });
    }

    /// What an adapter costs, and whether the model is its old self without it.
    private Report taken(Pupil pupil, Adapter adapter) {
        try (var base = lab.pupil()) {
            double beside = ratio(pupil, base);
            adapter.merge();
            double merged = ratio(pupil, base);
            adapter.unmerge();
            adapter.detach();
            return Report.of("unmerged_time", beside)
                    .with("merged_time", merged)
                    .with("off_difference", difference(pupil, base));
        }
    }

    /// The median time of a chunk as a multiple of another policy's, taken in turns.
    private double ratio(Pupil pupil, Pupil other) {
        int timed = Math.min(TIMED, 3 * budget.episodes()), untimed = timed / 6;
        ChunkPolicy one = pupil.policy(), two = other.policy();
        double[] mine = new double[timed], theirs = new double[timed];
        for (int i = -untimed; i < timed; i++) {
            double first = seconds(one), second = seconds(two);
            if (i < 0) continue;
            mine[i] = first;
            theirs[i] = second;
        }
        Arrays.sort(mine);
        Arrays.sort(theirs);
        return mine[timed / 2] / theirs[timed / 2];
    }

    private static double seconds(ChunkPolicy policy) {
        var seen = new Tabletop().reset(1);
        long start = System.nanoTime();
        policy.chunk(seen, ChunkPolicy.Held.NONE);
        return (System.nanoTime() - start) / 1e9;
    }

    /// The largest difference of two policies' actions on some starts.
    private static double difference(Pupil pupil, Pupil other) {
        double most = 0;
        for (int i = 0; i < PROBES; i++) {
            var seen = new Tabletop().reset(i);
            var one = chunk(pupil, seen, i);
            var two = chunk(other, seen, i);
            for (int h = 0; h < one.length; h++) {
                for (int a = 0; a < one[h].length; a++) {
                    most = Math.max(most, Math.abs(one[h][a] - two[h][a]));
                }
            }
        }
        return most;
    }

    private static float[][] chunk(Pupil pupil, Observation seen, long seed) {
        var policy = pupil.policy();
        policy.reset(seed);
        return policy.chunk(seen, ChunkPolicy.Held.NONE);
    }
}
