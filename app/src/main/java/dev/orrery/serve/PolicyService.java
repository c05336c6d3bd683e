package dev.orrery.serve;

import dev.orrery.data.wire.ActClient;
import dev.orrery.data.wire.NdArray;
import dev.orrery.data.wire.Value;
import dev.orrery.data.wire.Value.Array;
import dev.orrery.data.wire.Value.Fields;
import dev.orrery.env.Nearest;
import dev.orrery.policy.ChunkPolicy.Held;
import dev.orrery.policy.ChunkPolicy.Question;
import dev.orrery.policy.Plays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// Answers observations with chunks of actions: `actions` is an array `(H, A)` in the robot's
/// units. Asked as OpenVLA is, it answers one action.
///
/// One thread owns the policy; questions that come in within a few milliseconds share a pass
/// through the network ([ChunkQueue]). The noise of an answer follows from the seed, the caller's
/// number and how often it has asked; so a robot that asks the same again in the same order gets
/// the same actions, whoever else is there, up to the rounding of larger passes. `POST /act` has no
/// memory: the same question gets the same action.
public final class PolicyService implements Service {

    /// The name of the metadata's entry that says what multiplies the policy's weights.
    public static final String KERNELS = "kernels";

    private final Robot robot;
    private final Fields metadata;
    private final long seed;
    private final ServerFigures figures;
    private final ChunkQueue queue;
    private final boolean continues;

    private PolicyService(
            Robot robot, Fields about, long seed, Passes passes, Supplier<Plays.Ready> open) {
        this.robot = robot;
        this.seed = seed;
        figures = new ServerFigures();
        queue = ChunkQueue.open(open, passes, figures);
        var policy = queue.policy();
        continues = policy.policy().continues();
        var all = robot.describe();
        for (var entry : about.entries().entrySet()) {
            all = all.with(entry.getKey(), entry.getValue());
        }
        for (var line : policy.policy().kernels().stream().toList()) {
            all = all.with(KERNELS, line);
        }
        metadata =
                all.with("server", "orrery")
                        .with("execute", policy.execute())
                        .with("rtc", continues);
    }

    /// Opens a policy, on the thread that will use it.
    ///
    /// @param about more for the metadata, such as the policy's name
    /// @param seed what the noise of answers is drawn from
    /// @param policy opens it
    public static PolicyService of(
            Robot robot, Fields about, long seed, Supplier<Plays.Ready> policy) {
        return of(robot, about, seed, Passes.USUAL, policy);
    }

    /// Opens a policy that answers so many robots together.
    public static PolicyService of(
            Robot robot, Fields about, long seed, Passes passes, Supplier<Plays.Ready> policy) {
        return new PolicyService(robot, about, seed, passes, policy);
    }

    @Override
    public Fields metadata() {
        return metadata;
    }

    @Override
    public ServerFigures figures() {
        return figures;
    }

    @Override
    public Conversation open(long number) {
        return new Asked(number);
    }

    private final class Asked implements Conversation {
        private final long number;
        private long questions;
        private Optional<float[][]> last = Optional.empty();

        Asked(long number) {
            this.number = number;
            queue.join();
        }

        @Override
        public Fields answer(Fields question) {
            long start = System.nanoTime();
            long noise = mix(mix(seed, number), questions++);
            var chunk = chunk(question, last, noise, start);
            last = Optional.of(chunk);
            double millis = (System.nanoTime() - start) / 1e6;
            return Fields.empty()
                    .with("actions", NdArray.of(chunk))
                    .with("policy_timing", Fields.empty().with("infer_ms", millis));
        }

        @Override
        public void close() {
            queue.leave();
        }
    }

    /// A question in OpenVLA's words: `image` is what the first camera sees, `instruction` the
    /// text; a robot with more cameras or a state needs them too, under the names of a connection's
    /// questions.
    ///
    /// @return one action, 64-bit floats `(A)`
    @Override
    public Optional<Value> act(Fields question) {
        long start = System.nanoTime();
        checkKey(question);
        var words = new LinkedHashMap<String, Value>();
        question.entries()
                .forEach((name, value) -> {
                    switch (name) {
                        case ActClient.KEY -> {}
                        case ActClient.IMAGE ->
                                words.put(
                                        robot.keys().cameras().firstEntry().getValue().getFirst(),
                                        value);
                        case ActClient.INSTRUCTION ->
                                words.put(robot.keys().text().getFirst(), value);
                        default -> words.put(name, value);
                    }
                });
        queue.join();
        try {
            var first = chunk(new Fields(words), Optional.empty(), mix(seed, -1), start)[0];
            var action = new double[first.length];
            for (int i = 0; i < action.length; i++) {
                action[i] = first[i];
            }
            return Optional.of(new Array(NdArray.of(action, action.length)));
        } finally {
            queue.leave();
        }
    }

    private void checkKey(Fields question) {
        if (question.entries().getOrDefault(ActClient.KEY, new Value.Nothing())
                        instanceof Value.Text(var key)
                && !key.equals(robot.name())) {
            throw new IllegalArgumentException(
                    "there are no statistics '%s'; %s"
                            .formatted(key, Nearest.hint(key, List.of(robot.name()))));
        }
    }

    private float[][] chunk(Fields question, Optional<float[][]> last, long noise, long start) {
        var deadline = Deadline.of(question, start);
        var held = held(question, last);
        var seen = without(question, Set.of(Deadline.ENTRY, Continuation.ENTRY));
        checkNames(seen);
        var observation = robot.keys().read(seen);
        if (observation.state().length != robot.stateSize()) {
            throw new IllegalArgumentException(
                    "the state has %d values; %s has %d"
                            .formatted(
                                    observation.state().length, robot.name(), robot.stateSize()));
        }
        var chunk = queue.ask(new Question(observation, held, noise), deadline);
        for (var action : chunk) {
            robot.actions().check(action);
        }
        return chunk;
    }

    private void checkNames(Fields seen) {
        var known = robot.keys().known();
        for (var name : robot.keys().unknown(seen)) {
            throw new IllegalArgumentException(
                    "nobody reads '%s'; %s".formatted(name, Nearest.hint(name, known)));
        }
    }

    private Held held(Fields question, Optional<float[][]> last) {
        if (!question.has(Continuation.ENTRY)) {
            return Held.NONE;
        }
        if (!continues) {
            throw new IllegalArgumentException(
                    "this policy cannot continue a chunk; leave '%s' out, or serve one whose actions flow"
                            .formatted(Continuation.ENTRY));
        }
        return Continuation.read(
                question.fields(Continuation.ENTRY), last, robot.actions().names().size());
    }

    private static Fields without(Fields fields, Set<String> names) {
        var left = new LinkedHashMap<>(fields.entries());
        names.forEach(left::remove);
        return new Fields(left);
    }

    /// A number that differs for each pair (SplitMix64's finisher).
    private static long mix(long seed, long index) {
        long z = seed + 0x9E3779B97F4A7C15L * (index + 1);
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }

    @Override
    public void close() {
        queue.close();
    }
}
