package dev.orrery.system.pi0;

import dev.orrery.env.BatchPolicy;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Split;
import dev.orrery.env.tabletop.Suite;
import dev.orrery.env.tabletop.SuiteReport;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.run.Run;
import dev.orrery.run.TabletopExam;
import dev.orrery.tensor.Seed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// Measures one trained policy under other conditions than it was trained for.
final class Pi0Probe {

    private static final int WARM_ROUNDS = 100, TIMED_ROUNDS = 101;

    private final Pi0Config config;
    private final Run run;
    private final Path folder;
    private final Pi0Checkpoint checkpoint;
    private final long seed;

    /// Of the policy that a run holds, on starts that it has not seen.
    Pi0Probe(Pi0Config config, Run run) {
        this.config = config;
        this.run = run;
        folder = Pi0Recipe.folder(run);
        seed = run.heldOutSeed();
        checkpoint = Pi0Checkpoint.open(folder);
    }

    /// The whole result on a split, for the families that were trained.
    SuiteReport run(
            Split split, String name, BatchPolicy<float[]> policy, Suite.Progress progress) {
        var execute = config.evaluation().execute();
        var subject = new Suite.Subject(name, Pi0Checkpoint.hash(folder), execute, seed);
        return Suite.evaluate(
                split, Pi0Recipe.starts(config, split), subject, policy, Suite.BATCH, progress);
    }

    /// Success on another split; 0 where it has no start of the families that were trained.
    double success(Split split) {
        return Pi0Recipe.starts(config, split).isEmpty()
                ? 0
                : rate(split.toString(), split, policy(config.evaluation().flowSteps()));
    }

    /// Success on L0 with so many Euler steps.
    double withFlowSteps(int steps) {
        return rate("%d Euler steps".formatted(steps), Split.L0, policy(steps));
    }

    /// Success on L0 when every episode gets the instruction of another one of its batch.
    double shuffled() {
        var policy = policy(config.evaluation().flowSteps());
        return rate("exchanged instructions", Split.L0, new Shuffled(policy));
    }

    /// Success on L0 under one instruction that says nothing about the task.
    double deaf() {
        return rate("no instructions", Split.L0, through(o -> o.withText("move")));
    }

    /// Success on L0 with grey pictures.
    double blind() {
        return rate("no pictures", Split.L0, through(Pi0Probe::grey));
    }

    private double rate(String what, Split split, BatchPolicy<float[]> policy) {
        run.progress().stage("measuring " + what, Pi0Recipe.starts(config, split).size());
        return run(split, "probe", policy, TabletopExam.watch(run)).overall().rate();
    }

    private BatchPolicy<float[]> policy(int steps) {
        return checkpoint.policy(steps).batched(config.evaluation().execute());
    }

    private BatchPolicy<float[]> through(UnaryOperator<Observation> glasses) {
        var policy = policy(config.evaluation().flowSteps());
        return new BatchPolicy<>() {
            @Override
            public void reset(long[] seeds) {
                policy.reset(seeds);
            }

            @Override
            public List<float[]> act(int[] episodes, List<Observation> observations) {
                return policy.act(episodes, observations.stream().map(glasses).toList());
            }
        };
    }

    private static Observation grey(Observation observation) {
        var images = new LinkedHashMap<String, Image>();
        observation
                .images()
                .forEach((camera, image) -> {
                    var rgb = new byte[image.rgb().length];
                    Arrays.fill(rgb, (byte) 128);
                    images.put(camera, new Image(image.height(), image.width(), rgb));
                });
        return new Observation(images, observation.state(), observation.text());
    }

    /// Hands every episode the first instruction of the episode half a batch further on.
    private static final class Shuffled implements BatchPolicy<float[]> {
        private final BatchPolicy<float[]> policy;
        private final List<String> texts = new ArrayList<>();
        private int episodes;

        Shuffled(BatchPolicy<float[]> policy) {
            this.policy = policy;
        }

        @Override
        public void reset(long[] seeds) {
            policy.reset(seeds);
            episodes = seeds.length;
            texts.clear();
        }

        @Override
        public List<float[]> act(int[] running, List<Observation> observations) {
            if (texts.isEmpty()) {
                observations.forEach(o -> texts.add(o.text()));
            }
            var exchanged = new ArrayList<Observation>();
            for (int k = 0; k < running.length; k++) {
                int other = (running[k] + episodes / 2 + 1) % episodes;
                exchanged.add(observations.get(k).withText(texts.get(other)));
            }
            return policy.act(running, exchanged);
        }
    }

    /// The median times of one chunk for one observation, in milliseconds, by Euler steps. They are
    /// taken in turn, once the machine's code is warm, so that other load falls on all alike.
    SequencedMap<Integer, Double> milliseconds(int... steps) {
        var observations = List.of(new Tabletop().reset(1));
        var policies = IntStream.of(steps).mapToObj(checkpoint::policy).toList();
        var times = new double[steps.length][TIMED_ROUNDS];
        for (int round = -WARM_ROUNDS; round < TIMED_ROUNDS; round++) {
            for (int k = 0; k < steps.length; k++) {
                long start = System.nanoTime();
                policies.get(k).chunks(observations, List.of(Seed.of(round)));
                if (round >= 0) times[k][round] = (System.nanoTime() - start) / 1e6;
            }
        }
        var medians = new LinkedHashMap<Integer, Double>();
        for (int k = 0; k < steps.length; k++) {
            Arrays.sort(times[k]);
            medians.put(steps[k], times[k][TIMED_ROUNDS / 2]);
        }
        return medians;
    }
}
