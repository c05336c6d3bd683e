package dev.orrery.serve;

import dev.orrery.data.wire.NdArray;
import dev.orrery.data.wire.Value.Fields;
import dev.orrery.env.Observation;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.Plays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/// Answers observations with chunks of actions: `actions` is an array `(H, A)` in the robot's
/// units.
///
/// One thread owns the policy, so questions of several robots are answered in turn. The noise of an
/// answer follows from the seed, the caller's number and how often it has asked; so a robot that
/// asks the same again in the same order gets the same actions, whoever else is there.
public final class PolicyService implements Service {

    private final Robot robot;
    private final Fields metadata;
    private final long seed;
    private final ExecutorService thread;
    private final Plays.Ready policy;

    private PolicyService(Robot robot, Fields about, long seed, Supplier<Plays.Ready> open) {
        this.robot = robot;
        this.seed = seed;
        thread =
                Executors.newSingleThreadExecutor(
                        work -> Thread.ofPlatform().daemon().name("policy").unstarted(work));
        try {
            policy = await(thread.submit(open::get));
        } catch (RuntimeException e) {
            thread.shutdown();
            throw e;
        }
        var all = robot.describe();
        for (var entry : about.entries().entrySet()) {
            all = all.with(entry.getKey(), entry.getValue());
        }
        metadata = all.with("server", "orrery").with("execute", policy.execute());
    }

    /// Opens a policy, on the thread that will use it.
    ///
    /// @param about more for the metadata, such as the policy's name
    /// @param seed what the noise of answers is drawn from
    /// @param policy opens it
    public static PolicyService of(
            Robot robot, Fields about, long seed, Supplier<Plays.Ready> policy) {
        return new PolicyService(robot, about, seed, policy);
    }

    @Override
    public Fields metadata() {
        return metadata;
    }

    @Override
    public Conversation open(long number) {
        return new Asked(number);
    }

    private final class Asked implements Conversation {
        private final long number;
        private long questions;

        Asked(long number) {
            this.number = number;
        }

        @Override
        public Fields answer(Fields question) {
            var observation = robot.keys().read(question);
            long noise = mix(mix(seed, number), questions++);
            return run(() -> infer(observation, noise));
        }
    }

    private Fields infer(Observation observation, long noise) {
        if (observation.state().length != robot.stateSize()) {
            throw new IllegalArgumentException(
                    "the state has %d values; %s has %d"
                            .formatted(
                                    observation.state().length, robot.name(), robot.stateSize()));
        }
        long start = System.nanoTime();
        policy.policy().reset(noise);
        var chunk = policy.policy().chunk(observation, ChunkPolicy.Held.NONE);
        double millis = (System.nanoTime() - start) / 1e6;
        for (var action : chunk) {
            robot.actions().check(action);
        }
        return Fields.empty()
                .with("actions", NdArray.of(chunk))
                .with("policy_timing", Fields.empty().with("infer_ms", millis));
    }

    /// A number that differs for each pair (SplitMix64's finisher).
    private static long mix(long seed, long index) {
        long z = seed + 0x9E3779B97F4A7C15L * (index + 1);
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }

    private <T> T run(Callable<T> work) {
        return await(thread.submit(work));
    }

    private static <T> T await(Future<T> result) {
        try {
            return result.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException known -> throw known;
                case Error severe -> throw severe;
                case Throwable other -> throw new IllegalStateException(other);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the policy was thinking", e);
        }
    }

    @Override
    public void close() {
        thread.submit(policy.close());
        thread.shutdown();
    }
}
