package dev.orrery.system.rt2;

import dev.orrery.env.BatchPolicy;
import dev.orrery.env.Observation;
import dev.orrery.lm.decoder.Pick;
import dev.orrery.nn.Kernels;
import dev.orrery.policy.BatchedChunks;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.tabletop.LessonSheet;
import dev.orrery.policy.tabletop.Lexicon;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import dev.orrery.vlm.CompactVlm;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// A trained RT-2 that acts: observations in, actions in the environment's units out. Nothing is
/// drawn.
///
/// An answer lasts for some control steps: its actions are executed one after the other, then the
/// last one is held, as by a controller that runs faster than the model. After two answers in a row
/// with the flag set, or when its steps are used up, the policy stands still with its gripper as it
/// was.
final class RtTwoPolicy implements ChunkPolicy {

    private final ActionModel model;
    private final ActionBins bins;
    private final int hold, limit;
    private final Pick reading;
    private final StopRule alone;

    /// @param hold control steps that one answer lasts
    /// @param limit control steps after which it stops by itself
    /// @param reading which of the integers that it holds likely is acted on
    /// @throws IllegalArgumentException if an answer's actions do not fit into the steps it lasts
    RtTwoPolicy(ActionModel model, ActionBins bins, int hold, int limit, Pick reading) {
        this.reading = reading;
        this.model = model;
        this.bins = bins;
        this.hold = hold;
        this.limit = limit;
        alone = new StopRule(limit);
        int chunk = model.config().actions().chunk();
        if (hold < chunk) {
            throw new IllegalArgumentException(
                    "rt-2: an answer of %d actions lasts %d control steps; set evaluation.hold to %d or more"
                            .formatted(chunk, hold, chunk));
        }
    }

    /// What was decided.
    ///
    /// @param actions K rows of A values, in the robot's units
    /// @param terminate whether the episode is over
    /// @param outside the probability that the model gave to what is no action
    /// @param plan what it said before, possibly empty
    record Decision(List<float[]> actions, boolean terminate, double outside, String plan) {}

    @Override
    public Optional<String> kernels() {
        return Optional.of(Kernels.of(model).line());
    }

    @Override
    public void reset(long seed) {
        alone.reset();
    }

    /// The rows of all control steps that the answer lasts.
    @Override
    public float[][] chunk(Observation observation, Held held) {
        return rows(decide(List.of(observation)).getFirst(), alone);
    }

    /// All of them in one pass. Whoever asks for several robots at once ends their episodes
    /// himself: the flag stops nothing here.
    @Override
    public List<float[][]> chunks(List<Question> questions) {
        return decide(questions.stream().map(Question::observation).toList()).stream()
                .map(decision -> rows(decision, new StopRule(limit)))
                .toList();
    }

    private float[][] rows(Decision decision, StopRule stop) {
        var rows = new ArrayList<>(decision.actions());
        rows.addAll(Collections.nCopies(hold - rows.size(), rows.getLast()));
        if (stop.after(decision.terminate(), hold)) rows.replaceAll(RtTwoPolicy::still);
        return rows.toArray(float[][]::new);
    }

    private static float[] still(float[] action) {
        var still = new float[action.length];
        still[still.length - 1] = action[still.length - 1];
        return still;
    }

    /// One decision for each observation, in one pass.
    ///
    /// @throws IllegalArgumentException if an observation has no picture of the two cameras, or its
    ///   instruction is empty or too long
    List<Decision> decide(List<Observation> observations) {
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            return model.answer(prompt(observations), reading).stream()
                    .map(this::decision)
                    .toList();
        }
    }

    private CompactVlm.Prompt prompt(List<Observation> observations) {
        var config = model.config();
        var sheet =
                new LessonSheet(
                        model.words().lexicon(), observations.size(), config.text().prompt());
        for (int b = 0; b < observations.size(); b++) {
            var instruction = Lexicon.checked(observations.get(b).text());
            RtTwoData.checkFits(config, model.words(), instruction);
            sheet.pictures().observation(b, observations.get(b));
            sheet.prompt(b, RtTwoWords.prompt(instruction));
        }
        return sheet.prompts();
    }

    /// For each observation, whether the model says an action when it may say anything; a
    /// convolution cannot say anything else.
    List<Boolean> readable(List<Observation> observations) {
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            return switch (model) {
                case FilmConv _ -> Collections.nCopies(observations.size(), true);
                case RtTwo vla ->
                        vla.say(prompt(observations)).stream()
                                .map(said -> said instanceof ActionString.Said)
                                .toList();
            };
        }
    }

    private Decision decision(RtAnswer answer) {
        var said = answer.said();
        return new Decision(
                bins.chunk(said.actions()), said.terminate(), answer.outside(), answer.plan());
    }

    /// This policy in many episodes at once, each with a stop rule of its own.
    BatchPolicy<float[]> batched() {
        return BatchedChunks.of(new Several(), hold, hold);
    }

    private final class Several implements BatchedChunks.ByEpisode {
        private final List<StopRule> rules = new ArrayList<>();

        @Override
        public void reset(int episodes) {
            rules.clear();
            for (int e = 0; e < episodes; e++) rules.add(new StopRule(limit));
        }

        @Override
        public List<float[][]> of(
                int[] episodes, List<Observation> observations, List<Seed> seeds) {
            var decisions = decide(observations);
            var all = new ArrayList<float[][]>();
            for (int i = 0; i < episodes.length; i++) {
                all.add(rows(decisions.get(i), rules.get(episodes[i])));
            }
            return all;
        }
    }
}
