package dev.orrery.system.openvla;

import dev.orrery.env.BatchPolicy;
import dev.orrery.env.Observation;
import dev.orrery.lm.decoder.Pick;
import dev.orrery.nn.Kernels;
import dev.orrery.policy.BatchedChunks;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.RobotStatistics;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A trained [OpenVla] that acts: observations in, actions in the environment's units out.
///
/// Nothing is drawn: equal observations get equal actions.
public final class OpenVlaPolicy implements ChunkPolicy {

    private final OpenVla model;
    private final RobotStatistics.Robot robot;
    private final Retina retina;
    private final boolean cropped;
    private final Pick reading;

    OpenVlaPolicy(OpenVlaCheckpoint trained) {
        cropped = trained.habit().cropped();
        reading = trained.habit().reading();
        model = trained.model();
        robot = trained.robot();
        retina = OpenVla.retina(model.config().vision().sight());
    }

    /// The actions K of a chunk.
    public int horizon() {
        return model.config().answer().chunk();
    }

    /// What was decided.
    ///
    /// @param actions K rows of A values, in the robot's units
    /// @param outside the probability that the model gave to tokens that are no action
    public record Decision(float[][] actions, double outside) {}

    @Override
    public Optional<String> kernels() {
        return Optional.of(Kernels.of(model).line());
    }

    @Override
    public float[][] chunk(Observation observation, Held held) {
        return decide(List.of(observation)).getFirst().actions();
    }

    /// All of them in one pass.
    @Override
    public List<float[][]> chunks(List<Question> questions) {
        return decide(questions.stream().map(Question::observation).toList()).stream()
                .map(Decision::actions)
                .toList();
    }

    /// One decision for each observation, in one pass.
    ///
    /// @throws IllegalArgumentException if an observation has no picture of the two cameras, its
    ///   instruction is empty or far too long, its state does not fit, or an action lies far
    ///   outside the statistics
    public List<Decision> decide(List<Observation> observations) {
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            var answer = model.answer(prompt(observations), reading);
            var decisions = new ArrayList<Decision>();
            for (int b = 0; b < observations.size(); b++) {
                var rows = new ArrayList<float[]>();
                for (var normal : answer.actions()[b]) rows.add(restore(normal));
                decisions.add(new Decision(rows.toArray(float[][]::new), answer.outside()[b]));
            }
            return decisions;
        }
    }

    private float[] restore(double[] normal) {
        var action = robot.action().restore(normal);
        robot.action()
                .far(action)
                .ifPresent(what -> {
                    throw new IllegalArgumentException("openvla: " + what);
                });
        var values = new float[action.length];
        for (int d = 0; d < values.length; d++) values[d] = (float) action[d];
        return values;
    }

    private OpenVla.Prompt prompt(List<Observation> observations) {
        var sheet = new PromptSheet(model.config(), retina, robot, observations.size());
        for (int b = 0; b < observations.size(); b++) {
            var observation = observations.get(b);
            sheet.pictures().observation(b, observation);
            if (cropped) sheet.cropMiddle(b);
            sheet.words(b, observation.text());
            sheet.state(b, observation.state());
        }
        return sheet.prompt();
    }

    /// This policy in many episodes at once.
    ///
    /// @param execute how many actions of every chunk are executed
    /// @throws IllegalArgumentException if `execute` is not in 1 to the horizon
    public BatchPolicy<float[]> batched(int execute) {
        return BatchedChunks.of(
                (observations, _) -> decide(observations).stream().map(Decision::actions).toList(),
                horizon(),
                execute);
    }
}
