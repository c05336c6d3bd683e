package dev.orrery.system.internvlam1;

import dev.orrery.env.BatchPolicy;
import dev.orrery.env.Observation;
import dev.orrery.policy.BatchedChunks;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.RobotStatistics;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;

/// A trained [InternVlaM1] that acts: observations in, chunks of actions in the environment's units
/// out. States are not looked at.
///
/// The noise of a chunk follows from the episode's seed and the chunk's number.
public final class InternVlaM1Policy implements ChunkPolicy {

    private final InternVlaM1 model;
    private final RobotStatistics.Robot robot;
    private final int steps;
    private final double guidance;
    private Seed seed = Seed.of(0);
    private long asked;

    /// @param steps steps of sampling
    /// @param guidance weight of the condition, 1 for none
    InternVlaM1Policy(InternVlaM1 model, RobotStatistics.Robot robot, int steps, double guidance) {
        this.model = model;
        this.robot = robot;
        this.steps = steps;
        this.guidance = guidance;
    }

    /// The actions K of a chunk.
    public int horizon() {
        return model.config().io().chunk();
    }

    @Override
    public void reset(long number) {
        seed = Seed.of(number);
        asked = 0;
    }

    @Override
    public float[][] chunk(Observation observation, Held held) {
        return decide(List.of(observation), List.of(seed.split(asked++))).getFirst();
    }

    /// All of them in one pass.
    @Override
    public List<float[][]> chunks(List<Question> questions) {
        return decide(
                questions.stream().map(Question::observation).toList(),
                questions.stream().map(q -> Seed.of(q.seed()).split(0)).toList());
    }

    /// One chunk for each observation, in one pass.
    ///
    /// @param noises what each is drawn from
    /// @throws IllegalArgumentException if an observation has no picture of the two cameras, its
    ///   instruction is empty or far too long, or guidance is asked of a model that was trained
    ///   without dropped conditions
    List<float[][]> decide(List<Observation> observations, List<Seed> noises) {
        var io = model.config().io();
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            var z = model.decide(InternVlaM1Data.prompt(model.config(), observations));
            var start =
                    Tensor.stack(
                            noises.stream()
                                    .map(n -> n.normal(io.chunk(), io.actionDims()))
                                    .toList(),
                            0);
            var trace =
                    model.config()
                            .expert()
                            .objective()
                            .trace(model.expert(), z, start, steps, guidance);
            return restored(trace.getLast().toFloats(), observations.size());
        }
    }

    private List<float[][]> restored(float[] values, int batch) {
        var io = model.config().io();
        var chunks = new ArrayList<float[][]>();
        int at = 0;
        for (int b = 0; b < batch; b++) {
            var chunk = new float[io.chunk()][io.actionDims()];
            for (var row : chunk) {
                var normal = new double[row.length];
                for (int d = 0; d < row.length; d++) normal[d] = Math.clamp(values[at++], -1f, 1f);
                var action = robot.action().restore(normal);
                for (int d = 0; d < row.length; d++) row[d] = (float) action[d];
            }
            chunks.add(chunk);
        }
        return chunks;
    }

    /// This policy in many episodes at once.
    ///
    /// @param execute how many actions of every chunk are executed
    /// @throws IllegalArgumentException if `execute` is not in 1 to the horizon
    public BatchPolicy<float[]> batched(int execute) {
        return BatchedChunks.of(this::decide, horizon(), execute);
    }
}
