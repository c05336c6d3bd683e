package dev.orrery.policy;

import dev.orrery.env.BatchPolicy;
import dev.orrery.env.Observation;
import dev.orrery.tensor.Seed;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;

/// A policy of chunks in many episodes at once: the first actions of every chunk are executed, then
/// all episodes that ran out ask for the next in one pass.
public final class BatchedChunks implements BatchPolicy<float[]> {

    private static final int LEAST = 8;

    private final ByEpisode chunks;
    private final int execute;
    private final List<Deque<float[]>> waiting = new ArrayList<>();
    private Seed[] seeds = {};
    private int[] asked = {};

    /// Predicts chunks for several observations in one pass. It is called by several threads.
    @FunctionalInterface
    public interface Chunks {
        /// @param seeds what the noise of each is drawn from
        /// @return for each observation H rows of A values
        List<float[][]> of(List<Observation> observations, List<Seed> seeds);
    }

    /// As [Chunks], for policies that remember something of each episode. Several threads ask for
    /// different episodes.
    public interface ByEpisode {
        /// Forgets everything and prepares for so many episodes.
        void reset(int episodes);

        /// @param episodes the numbers of the episodes that ask
        List<float[][]> of(int[] episodes, List<Observation> observations, List<Seed> seeds);
    }

    private record Forgetful(Chunks chunks) implements ByEpisode {
        @Override
        public void reset(int episodes) {}

        @Override
        public List<float[][]> of(
                int[] episodes, List<Observation> observations, List<Seed> seeds) {
            return chunks.of(observations, seeds);
        }
    }

    private BatchedChunks(ByEpisode chunks, int execute) {
        this.chunks = chunks;
        this.execute = execute;
    }

    /// Executes the first `execute` of the `horizon` actions of every chunk.
    ///
    /// @throws IllegalArgumentException if `execute` is not in 1 to the horizon
    public static BatchedChunks of(Chunks chunks, int horizon, int execute) {
        return of(new Forgetful(chunks), horizon, execute);
    }

    /// As above, for policies that remember.
    public static BatchedChunks of(ByEpisode chunks, int horizon, int execute) {
        if (execute < 1 || execute > horizon) {
            throw new IllegalArgumentException(
                    "executing %d actions of a chunk of %d; execute 1 to %d"
                            .formatted(execute, horizon, horizon));
        }
        return new BatchedChunks(chunks, execute);
    }

    @Override
    public void reset(long[] seeds) {
        this.seeds = Arrays.stream(seeds).mapToObj(Seed::of).toArray(Seed[]::new);
        asked = new int[seeds.length];
        chunks.reset(seeds.length);
        waiting.clear();
        for (int i = 0; i < seeds.length; i++) {
            waiting.add(new ArrayDeque<>());
        }
    }

    @Override
    public List<float[]> act(int[] episodes, List<Observation> observations) {
        var empty = new ArrayList<Integer>();
        var ask = new ArrayList<Observation>();
        var noise = new ArrayList<Seed>();
        for (int k = 0; k < episodes.length; k++) {
            int episode = episodes[k];
            if (waiting.get(episode).isEmpty()) {
                empty.add(episode);
                ask.add(observations.get(k));
                noise.add(seeds[episode].split(asked[episode]++));
            }
        }
        if (!ask.isEmpty()) {
            int parts =
                    Math.clamp(ask.size() / LEAST, 1, Runtime.getRuntime().availableProcessors());
            IntStream.range(0, parts)
                    .parallel()
                    .forEach(part -> {
                        int from = part * ask.size() / parts;
                        int to = (part + 1) * ask.size() / parts;
                        var numbers = empty.subList(from, to).stream().mapToInt(e -> e).toArray();
                        var next =
                                chunks.of(numbers, ask.subList(from, to), noise.subList(from, to));
                        for (int i = from; i < to; i++) {
                            waiting.get(empty.get(i))
                                    .addAll(Arrays.asList(next.get(i - from)).subList(0, execute));
                        }
                    });
        }
        return Arrays.stream(episodes).mapToObj(e -> waiting.get(e).remove()).toList();
    }
}
