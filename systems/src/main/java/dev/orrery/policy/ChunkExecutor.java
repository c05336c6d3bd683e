package dev.orrery.policy;

import dev.orrery.env.Observation;
import dev.orrery.env.Policy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/// Turns a policy of chunks into a policy of single actions.
public final class ChunkExecutor {

    private ChunkExecutor() {}

    /// Executes the first `execute` actions of each chunk, then asks for the next.
    ///
    /// @throws IllegalArgumentException if `execute` is below 1; when a chunk is shorter, at use
    public static Policy<float[]> queue(ChunkPolicy policy, int execute) {
        if (execute < 1) {
            throw new IllegalArgumentException(
                    "executing %d actions of a chunk; execute at least 1".formatted(execute));
        }
        return new Queue(policy, execute);
    }

    /// Asks for a chunk at every step and averages all predictions made for now, with weights
    /// `exp(-decay · i)`, i = 0 for the oldest. A positive decay trusts old predictions more.
    ///
    /// Source: ACT, arXiv 2304.13705, temporal ensembling.
    public static Policy<float[]> ensemble(ChunkPolicy policy, double decay) {
        return new Ensemble(policy, decay);
    }

    private static final class Queue implements Policy<float[]> {
        private final ChunkPolicy policy;
        private final int execute;
        private final Deque<float[]> waiting = new ArrayDeque<>();

        Queue(ChunkPolicy policy, int execute) {
            this.policy = policy;
            this.execute = execute;
        }

        @Override
        public void reset(long seed) {
            waiting.clear();
            policy.reset(seed);
        }

        @Override
        public float[] act(Observation observation) {
            if (waiting.isEmpty()) {
                var chunk = policy.chunk(observation, ChunkPolicy.Held.NONE);
                requireLength(chunk, execute);
                waiting.addAll(Arrays.asList(chunk).subList(0, execute));
            }
            return waiting.remove();
        }
    }

    static void requireLength(float[][] chunk, int execute) {
        if (chunk.length < execute) {
            throw new IllegalArgumentException(
                    "executing %d actions of a chunk of %d; execute at most %d"
                            .formatted(execute, chunk.length, chunk.length));
        }
    }

    private static final class Ensemble implements Policy<float[]> {
        private final ChunkPolicy policy;
        private final double decay;
        private final List<float[][]> chunks = new ArrayList<>();

        Ensemble(ChunkPolicy policy, double decay) {
            this.policy = policy;
            this.decay = decay;
        }

        @Override
        public void reset(long seed) {
            chunks.clear();
            policy.reset(seed);
        }

        @Override
        public float[] act(Observation observation) {
            chunks.add(policy.chunk(observation, ChunkPolicy.Held.NONE));
            int newest = chunks.size() - 1;
            while (chunks.getFirst().length < chunks.size()) {
                chunks.removeFirst();
                newest--;
            }
            var mean = new double[chunks.getLast()[0].length];
            double total = 0;
            for (int i = 0; i <= newest; i++) {
                double weight = Math.exp(-decay * i);
                total += weight;
                var action = chunks.get(i)[newest - i];
                for (int d = 0; d < mean.length; d++) {
                    mean[d] += weight * action[d];
                }
            }
            var action = new float[mean.length];
            for (int d = 0; d < action.length; d++) {
                action[d] = (float) (mean[d] / total);
            }
            return action;
        }
    }
}
