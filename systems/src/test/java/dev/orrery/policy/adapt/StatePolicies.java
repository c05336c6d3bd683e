package dev.orrery.policy.adapt;

import dev.orrery.env.BatchPolicy;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Mlp;
import dev.orrery.nn.Module;
import dev.orrery.policy.ActionChunks.Place;
import dev.orrery.policy.BatchedChunks;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.tabletop.FrameSource;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// Policies that act by what the arm feels alone: small enough for tests.
public final class StatePolicies implements Adapts {

    private static final String FILE = "weights.safetensors";
    private static final int HORIZON = 4, WIDTH = 32;

    /// The network.
    static final class Net extends Module {
        private final Mlp body;
        private final Linear out;

        Net() {
            body = child("body", new Mlp(WIDTH, WIDTH, Seed.of(1)));
            out = child("out", new Linear(WIDTH, WIDTH, Seed.of(2)));
        }

        Tensor forward(Tensor state) {
            return out.forward(body.forward(state.repeat(1, WIDTH / 4))).narrow(1, 0, 4);
        }
    }

    /// Saves a policy.
    public static void save(Path folder) {
        try (var net = new Net()) {
            net.save(folder.resolve(FILE));
        }
    }

    @Override
    public Path saved(Path run) {
        return run.resolve("policy");
    }

    @Override
    public boolean canAdapt(Path policy) {
        return Files.isRegularFile(policy.resolve(FILE));
    }

    @Override
    public Pupil open(Path policy, FrameSource training, FrameSource validation) {
        var net = new Net();
        net.load(policy.resolve(FILE));
        return new Student(net, training, validation);
    }

    private record Student(Net model, FrameSource training, FrameSource validation)
            implements Pupil {

        @Override
        public Map<String, Tensor> head() {
            var found = new LinkedHashMap<String, Tensor>();
            model.namedParameters()
                    .forEach((name, p) -> {
                        if (name.startsWith("out.")) found.put(name, p);
                    });
            return found;
        }

        @Override
        public Tensor loss(Frames frames, int size, Seed seed) {
            var source = frames == Frames.TRAINING ? training : validation;
            var picks = seed.integers(source.episodes(), size).toLongs();
            var states = new float[4 * size];
            var actions = new float[4 * size];
            for (int b = 0; b < size; b++) {
                int episode = (int) picks[b], frame = b % source.length(episode);
                var place = new Place(episode, frame);
                System.arraycopy(source.state(place), 0, states, 4 * b, 4);
                System.arraycopy(source.action(place), 0, actions, 4 * b, 4);
            }
            var wanted = Tensor.of(actions, size, 4);
            return Functional.mseLoss(model.forward(Tensor.of(states, size, 4)), wanted);
        }

        private float[][] chunk(float[] state) {
            try (var _ = Grad.disabled();
                    var _ = TensorScope.open()) {
                var action = model.forward(Tensor.of(state, 1, 4)).toFloats();
                var chunk = new float[HORIZON][];
                for (int h = 0; h < HORIZON; h++) chunk[h] = action.clone();
                return chunk;
            }
        }

        @Override
        public ChunkPolicy policy() {
            return (observation, _) -> chunk(observation.state());
        }

        @Override
        public BatchPolicy<float[]> batched(int execute) {
            return BatchedChunks.of(
                    (seen, _) -> seen.stream().map(o -> chunk(o.state())).toList(),
                    HORIZON,
                    execute);
        }

        @Override
        public void close() {
            training.close();
            validation.close();
            model.close();
        }
    }
}
