package dev.orrery.system.pi0;

import dev.orrery.env.BatchPolicy;
import dev.orrery.env.Observation;
import dev.orrery.flow.PrefixWeights;
import dev.orrery.flow.SoftPrefix;
import dev.orrery.flow.Solver;
import dev.orrery.flow.StepGrid;
import dev.orrery.flow.VelocityField;
import dev.orrery.nn.Kernels;
import dev.orrery.policy.BatchedChunks;
import dev.orrery.policy.CameraMap;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.Normalizer;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Engine;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A trained [Pi0] that acts: observations in, chunks of actions in the environment's units out.
///
/// Nothing here depends on when it is called: the noise of a chunk follows from the episode's seed
/// and the chunk's number.
public final class Pi0Policy implements ChunkPolicy {

    private static final double GUIDANCE = 5;

    private final Pi0 pi0;
    private final Pi0Checkpoint checkpoint;
    private final Normalizer stateNorm, actionNorm;
    private final CameraMap cameras;
    private final PromptReader reader;
    private final ActionHead.Sampling sampling;
    private Seed seed = Seed.of(0);
    private long asked;

    /// @param flowSteps Euler steps of a chunk
    Pi0Policy(Pi0Checkpoint checkpoint, CameraMap cameras, int flowSteps) {
        this.checkpoint = checkpoint;
        this.cameras = cameras;
        pi0 = checkpoint.pi0();
        stateNorm = checkpoint.norms().state();
        actionNorm = checkpoint.norms().action();
        reader =
                new PromptReader(
                        cameras,
                        pi0.config().vision()::imageSize,
                        stateNorm,
                        checkpoint.manner().wording(pi0.config()));
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            sampling =
                    new ActionHead.Sampling(
                            TensorScope.release(pi0.schedule(flowSteps)), checkpoint.codec());
        }
    }

    /// The actions H of a chunk.
    public int horizon() {
        return pi0.config().io().horizon();
    }

    @Override
    public Optional<String> kernels() {
        return Optional.of(Kernels.of(pi0).line());
    }

    @Override
    public void reset(long seed) {
        this.seed = Seed.of(seed);
        asked = 0;
    }

    @Override
    public float[][] chunk(Observation observation, Held held) {
        var own = List.of(seed.split(asked++));
        return held.actions().length == 0 || !continues()
                ? chunks(List.of(observation), own).getFirst()
                : continuing(List.of(new Question(observation, held, 0)), own).getFirst();
    }

    /// Whether a chunk can agree with the actions that are still going to be executed: only flows
    /// under π0's own mask can, others begin anew.
    @Override
    public boolean continues() {
        return checkpoint.head() == ActionHead.FLOW
                && checkpoint.visibility() == Pi0.Visibility.BLOCKWISE;
    }

    /// At most two passes: one for chunks that begin, one for chunks that continue.
    @Override
    public List<float[][]> chunks(List<Question> questions) {
        var begin = new ArrayList<Integer>();
        var go = new ArrayList<Integer>();
        for (int i = 0; i < questions.size(); i++) {
            boolean begins = questions.get(i).held().actions().length == 0 || !continues();
            (begins ? begin : go).add(i);
        }
        var answers = new float[questions.size()][][];
        if (!begin.isEmpty()) {
            var seen = begin.stream().map(i -> questions.get(i).observation()).toList();
            var chunks = chunks(seen, noises(questions, begin));
            for (int k = 0; k < begin.size(); k++) {
                answers[begin.get(k)] = chunks.get(k);
            }
        }
        if (!go.isEmpty()) {
            var asked = go.stream().map(questions::get).toList();
            var chunks = continuing(asked, noises(questions, go));
            for (int k = 0; k < go.size(); k++) {
                answers[go.get(k)] = chunks.get(k);
            }
        }
        return List.of(answers);
    }

    private static List<Seed> noises(List<Question> questions, List<Integer> some) {
        return some.stream().map(i -> Seed.of(questions.get(i).seed()).split(0)).toList();
    }

    private List<float[][]> continuing(List<Question> questions, List<Seed> noises) {
        var io = pi0.config().io();
        int batch = questions.size(), size = io.horizon() * io.actionDims();
        var previous = new float[batch * size];
        var weights = new ArrayList<PrefixWeights>();
        for (int b = 0; b < batch; b++) {
            var held = questions.get(b).held();
            int known = Math.min(held.actions().length, io.horizon());
            for (int h = 0; h < known; h++) {
                var action = relative(held.actions()[h], questions.get(b).observation().state());
                var normal = actionNorm.normalise(action, io.actionDims());
                Pi0Data.put(normal, previous, b * io.horizon() + h);
            }
            weights.add(
                    PrefixWeights.of(
                            io.horizon(),
                            Math.min(held.frozen(), known),
                            known,
                            PrefixWeights.Decay.EXPONENTIAL));
        }
        var observations = questions.stream().map(Question::observation).toList();
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            var start =
                    Tensor.stack(
                            noises.stream()
                                    .map(n -> n.normal(io.horizon(), io.actionDims()))
                                    .toList(),
                            0);
            var held = Tensor.of(previous, batch, io.horizon(), io.actionDims());
            var soft = new SoftPrefix(held, weights, GUIDANCE, SoftPrefix.Jacobian.PRODUCT);
            var actions =
                    Engine.aloneIfSmall(
                            batch * prefixTokens(),
                            pi0.config().language().width(),
                            () -> steered(observations, start, soft).toFloats());
            return restored(actions, observations);
        }
    }

    private Tensor steered(List<Observation> observations, Tensor start, SoftPrefix soft) {
        var seen = pi0.observe(pi0.encode(prompt(observations)), states(observations));
        var course = pi0.course(seen, start.unsqueeze(1));
        VelocityField field =
                (x, time) -> {
                    var times = Tensor.full(time, DType.F64, start.size(0), 1);
                    return course.velocity(x.unsqueeze(1), pi0.timing(times)).squeeze(1);
                };
        return Solver.Fixed.EULER.solve(soft.field(field), start, StepGrid.uniform(steps())).x();
    }

    private List<float[][]> restored(float[] actions, List<Observation> observations) {
        var chunks = new ArrayList<float[][]>();
        for (int b = 0; b < observations.size(); b++) {
            chunks.add(restore(actions, b, observations.get(b).state()));
        }
        return chunks;
    }

    private int steps() {
        return (int) sampling.schedule().size(1);
    }

    private float[] relative(float[] action, float[] state) {
        return checkpoint.manner().relative().map(r -> r.encode(action, state)).orElse(action);
    }

    private float[][] restore(float[] actions, int b, float[] state) {
        var delta = checkpoint.manner().relative();
        var io = pi0.config().io();
        var chunk = new float[io.horizon()][];
        for (int h = 0; h < chunk.length; h++) {
            int at = (b * io.horizon() + h) * io.actionDims();
            var action = actionNorm.restore(Arrays.copyOfRange(actions, at, at + io.actionDims()));
            chunk[h] = delta.map(d -> d.decode(action, state)).orElse(action);
        }
        return chunk;
    }

    /// One chunk for each observation, in one pass.
    ///
    /// @param seeds what the noise of each is drawn from
    /// @return for each H rows of A values
    /// @throws IllegalArgumentException if an observation lacks every camera, its state is too long
    ///   or its instruction is empty
    public List<float[][]> chunks(List<Observation> observations, List<Seed> seeds) {
        var io = pi0.config().io();
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            var noise = new ArrayList<Tensor>();
            seeds.forEach(s -> noise.add(s.normal(io.horizon(), io.actionDims())));
            var all = Tensor.stack(noise, 0);
            var actions =
                    Engine.aloneIfSmall(
                            observations.size() * prefixTokens(),
                            pi0.config().language().width(),
                            () -> sample(observations, all).toFloats());
            return restored(actions, observations);
        }
    }

    private long prefixTokens() {
        long tokens = pi0.config().io().textTokens();
        for (int camera = 0; camera < cameras.inputs().size(); camera++) {
            tokens += pi0.config().vision().tokens(camera);
        }
        return tokens;
    }

    private Tensor sample(List<Observation> observations, Tensor noise) {
        var prompt = prompt(observations);
        var states = states(observations);
        return checkpoint.visibility() == Pi0.Visibility.BLOCKWISE
                ? checkpoint
                        .head()
                        .sample(pi0, pi0.observe(pi0.encode(prompt), states), noise, sampling)
                : new JointPass(pi0, checkpoint.visibility())
                        .sample(prompt, states, noise, steps());
    }

    /// Normalised, padded states, `(B, stateDims)`.
    Tensor states(List<Observation> observations) {
        int width = pi0.config().io().stateDims();
        var states = new float[observations.size() * width];
        for (int b = 0; b < observations.size(); b++) {
            Pi0Data.put(stateNorm.normalise(observations.get(b).state(), width), states, b);
        }
        return Tensor.of(states, observations.size(), width);
    }

    /// What the language model reads of observations.
    Pi0.Prompt prompt(List<Observation> observations) {
        return reader.read(observations);
    }

    /// This policy in many episodes at once.
    ///
    /// @param execute how many actions of every chunk are executed
    /// @throws IllegalArgumentException if `execute` is not in 1 to the horizon
    public BatchPolicy<float[]> batched(int execute) {
        return BatchedChunks.of(this::chunks, horizon(), execute);
    }
}
