package dev.orrery.policy;

import dev.orrery.env.Observation;
import dev.orrery.env.Policy;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Executes one chunk while the next is being predicted in the background, so that the robot never
/// waits at a chunk's border.
///
/// The next chunk is asked for `delay` actions before the present one has served its `execute`
/// actions. It is told what is still going to be executed, so that it can agree with it, and takes
/// over at its own action of that number. Which observation and which action belong together does
/// not depend on how long the prediction takes; a prediction that is not ready in time is waited
/// for and counted.
///
/// Source: real-time chunking, arXiv 2506.07339.
public final class RealTimeExecutor implements Policy<float[]>, AutoCloseable {

    private final ChunkPolicy policy;
    private final int execute, delay;
    private final ExecutorService background =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("next-chunk").factory());
    private Optional<CompletableFuture<float[][]>> next = Optional.empty();
    private float[][] chunk = {};
    private int at, frozen, late;

    /// @param execute actions of each chunk that are executed
    /// @param delay actions that are executed while the next chunk is predicted, less than
    ///   `execute`
    public RealTimeExecutor(ChunkPolicy policy, int execute, int delay) {
        if (delay < 0 || delay >= execute) {
            throw new IllegalArgumentException(
                    "real-time chunking with a delay of %d of %d executed actions; use 0 to %d"
                            .formatted(delay, execute, execute - 1));
        }
        this.policy = policy;
        this.execute = execute;
        this.delay = delay;
    }

    @Override
    public void reset(long seed) {
        next.ifPresent(RealTimeExecutor::join);
        next = Optional.empty();
        chunk = new float[0][];
        at = late = 0;
        policy.reset(seed);
    }

    @Override
    public float[] act(Observation observation) {
        if (chunk.length == 0) {
            chunk = ask(observation, ChunkPolicy.Held.NONE);
        }
        askIfDue(observation);
        if (at == execute) {
            var ready = next.orElseThrow();
            late += ready.isDone() ? 0 : 1;
            chunk = join(ready);
            next = Optional.empty();
            at = frozen;
            askIfDue(observation);
        }
        return chunk[at++];
    }

    /// Where delays are over half of what is executed, the next chunk is due at once, and fewer
    /// actions than `delay` are left until it takes over.
    private void askIfDue(Observation observation) {
        if (next.isEmpty() && at >= execute - delay) {
            frozen = execute - at;
            var held = new ChunkPolicy.Held(Arrays.copyOfRange(chunk, at, chunk.length), frozen);
            next =
                    Optional.of(
                            CompletableFuture.supplyAsync(
                                    () -> ask(observation, held), background));
        }
    }

    private float[][] ask(Observation observation, ChunkPolicy.Held held) {
        var predicted = policy.chunk(observation, held);
        ChunkExecutor.requireLength(predicted, execute);
        return predicted;
    }

    private static float[][] join(CompletableFuture<float[][]> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /// How often, since the last reset, an action had to wait for its chunk.
    public int late() {
        return late;
    }

    @Override
    public void close() {
        background.shutdownNow();
    }
}
