package dev.orrery.system.openvla;

import dev.orrery.env.tabletop.Camera;
import dev.orrery.env.tabletop.Words;
import dev.orrery.lm.decoder.Pick;
import dev.orrery.nn.Precision;
import dev.orrery.policy.ActionTokenizer;
import dev.orrery.run.Limits;
import dev.orrery.vision.vit.TimmVit;
import java.util.List;

/// Everything that a run is determined by, besides its seed.
///
/// @param model the network
/// @param demonstrations what it learns from
/// @param school what the vision towers learn first
/// @param grounding what the whole model learns next
/// @param training how it learns to act
/// @param evaluation how it is measured
public record OpenVlaConfig(
        Model model,
        Demonstrations demonstrations,
        School school,
        Grounding grounding,
        Training training,
        Evaluation evaluation) {

    /// Twelve families, 18,000 steps of 16 frames.
    public static OpenVlaConfig laptop() {
        return new OpenVlaConfig(
                Model.tabletop(),
                new Demonstrations(List.of(), 600, ""),
                new School(500, 32, 1e-3),
                new Grounding(2500, 16, 2e-3, 0.3),
                new Training(18000, 16, 1e-3, 1e-4, 3),
                new Evaluation(50, 1, Pick.PEAK));
    }

    /// Three families, to see in less than a minute that everything works.
    public static OpenVlaConfig smoke() {
        return new OpenVlaConfig(
                Model.tabletop(),
                new Demonstrations(List.of("reach", "button", "pick"), 30, ""),
                new School(30, 16, 1e-3),
                new Grounding(30, 16, 2e-3, 0.3),
                new Training(90, 16, 1e-3, 1e-4, 1),
                new Evaluation(2, 1, Pick.PEAK));
    }

    /// The same with another network.
    public OpenVlaConfig with(Model other) {
        return new OpenVlaConfig(
                other,
                demonstrations,
                school,
                grounding,
                training,
                evaluation.executing(Math.min(evaluation.execute, other.answer.chunk)));
    }

    /// The same that answers K actions at once, all of which are executed.
    public OpenVlaConfig withOft() {
        var answering = with(model.with(Answer.oft()));
        return new OpenVlaConfig(
                answering.model,
                demonstrations,
                school,
                grounding,
                training,
                evaluation.executing(Answer.oft().chunk));
    }

    /// The same with another training.
    public OpenVlaConfig with(Training other) {
        return new OpenVlaConfig(model, demonstrations, school, grounding, other, evaluation);
    }

    /// The same with so many steps of both stages.
    public OpenVlaConfig withSteps(int first, int second) {
        return new OpenVlaConfig(
                model,
                demonstrations,
                school.withSteps(first),
                grounding.withSteps(first),
                training.withSteps(second),
                evaluation);
    }

    /// The network.
    ///
    /// @param vision the towers and their projector
    /// @param language the language model
    /// @param io words and actions
    /// @param answer how actions are answered
    public record Model(Vision vision, Language language, Io io, Answer answer) {

        /// The laptop's: 64 + 16 patches, 16 words, four action tokens, 1.5 million parameters.
        public static Model tabletop() {
            return new Model(
                    Vision.fused(),
                    new Language(128, 4, 4, 344),
                    new Io(512, 16, 256, ActionTokenizer.Mode.LAST_IDS, 4, 4),
                    Answer.tokens());
        }

        /// The same with other towers.
        public Model with(Vision other) {
            return new Model(other, language, io, answer);
        }

        /// The same with another way to answer.
        public Model with(Answer other) {
            return new Model(vision, language, io, other);
        }

        /// The same with other action tokens; the vocabulary grows if words and bins need it.
        public Model with(ActionTokenizer.Mode mode, int bins) {
            int vocabulary =
                    mode == ActionTokenizer.Mode.LAST_IDS
                            ? Math.max(io.vocabulary, Words.size() + bins)
                            : io.vocabulary;
            return new Model(
                    vision,
                    language,
                    new Io(vocabulary, io.textTokens, bins, mode, io.stateDims, io.actionDims),
                    answer);
        }
    }

    /// Which towers look.
    public enum Sight {
        /// Both, channels joined.
        FUSED,
        /// One that learned to name, from captions.
        SEMANTIC,
        /// One that learned to place.
        SPATIAL
    }

    /// The vision towers, of two blocks each: the last one serves their schooling only.
    ///
    /// @param sight which towers
    /// @param spatial channels of the tower that learned to place
    /// @param semantic channels of the tower that learned to name
    /// @param heads attention heads
    /// @param stem channels of the convolutions before the patches
    /// @param projector hidden channels of the projector
    public record Vision(
            Sight sight, int spatial, int semantic, int heads, List<Integer> stem, int projector) {

        private static final int ALONE = 124, ALONE_PROJECTOR = 368, PATCH = 8;

        public Vision {
            stem = List.copyOf(stem);
            input(stem);
            new Limits("model.vision")
                    .size("heads", heads)
                    .splits("spatial", spatial, heads)
                    .splits("semantic", semantic, heads)
                    .size("projector", projector);
        }

        private static TimmVit.Input input(List<Integer> stem) {
            return new TimmVit.Input(
                    List.of(Camera.OVERHEAD_PIXELS, Camera.WRIST_PIXELS), PATCH, stem);
        }

        /// The pictures that the towers see.
        TimmVit.Input input() {
            return input(stem);
        }

        /// Two towers of 64 and 96 channels.
        public static Vision fused() {
            return new Vision(Sight.FUSED, 64, 96, 4, List.of(32, 64), 320);
        }

        /// One wider tower, with as many parameters as the two together.
        public static Vision alone(Sight sight) {
            return new Vision(sight, ALONE, ALONE, 4, List.of(32, 64), ALONE_PROJECTOR);
        }
    }

    /// The language model, a small Llama.
    ///
    /// @param width channels D
    /// @param depth layers
    /// @param heads attention heads
    /// @param mlp hidden channels of the gated feed-forward layers
    public record Language(int width, int depth, int heads, int mlp) {

        public Language {
            new Limits("model.language")
                    .layers(1, "depth", depth)
                    .size("heads", heads)
                    .splits("width", width, 2L * heads)
                    .size("mlp", mlp);
        }
    }

    /// Words and actions.
    ///
    /// @param vocabulary ids of words and, in most modes, of actions
    /// @param textTokens words L of an instruction, padded
    /// @param bins bins a dimension
    /// @param tokens which ids stand for bins
    /// @param stateDims values of a state
    /// @param actionDims values A of an action
    public record Io(
            int vocabulary,
            int textTokens,
            int bins,
            ActionTokenizer.Mode tokens,
            int stateDims,
            int actionDims) {

        public Io {
            new Limits("model.io")
                    .atLeast(Words.size(), "vocabulary", vocabulary)
                    .size("vocabulary", vocabulary)
                    .size("textTokens", textTokens)
                    .atLeast(2, "bins", bins)
                    .size("stateDims", stateDims)
                    .size("actionDims", actionDims);
        }
    }

    /// What answers.
    public enum Head {
        /// Tokens, one after the other: one action.
        TOKENS,
        /// Slots that are filled in one pass, read by regression: a chunk.
        L1
    }

    /// How actions are answered.
    ///
    /// @param head what answers
    /// @param chunk actions K at once, 1 for [Head#TOKENS]
    /// @param film whether words modulate what is seen
    /// @param proprio whether the state is a token of the prompt
    public record Answer(Head head, int chunk, boolean film, boolean proprio) {

        public Answer {
            new Limits("model.answer").size("chunk", chunk);
            if (head == Head.TOKENS && chunk != 1) {
                throw new IllegalArgumentException(
                        "openvla: a chunk of %d actions by %s; tokens answer 1, L1 answers 1 or more"
                                .formatted(chunk, head));
            }
        }

        /// OpenVLA's: one action, token by token, from pictures and words alone.
        public static Answer tokens() {
            return new Answer(Head.TOKENS, 1, false, false);
        }

        /// OFT's: eight actions in one pass, with the state told and modulated sight.
        public static Answer oft() {
            return new Answer(Head.L1, 8, true, true);
        }
    }

    /// The demonstrations to record, or to read.
    ///
    /// @param families task families, empty for all twelve
    /// @param perFamily episodes a family
    /// @param folder a LeRobot data set to learn from instead, or empty
    /// @param cropped whether it learns from any 90 % of a picture and acts on the middle
    public record Demonstrations(
            List<String> families, int perFamily, String folder, boolean cropped) {

        /// Whole pictures.
        public Demonstrations(List<String> families, int perFamily, String folder) {
            this(families, perFamily, folder, false);
        }

        public Demonstrations {
            families = List.copyOf(families);
            new Limits("demonstrations").atLeast(1, "perFamily", perFamily);
        }
    }

    /// What the towers learn before they see an action.
    ///
    /// @param steps optimiser steps, 0 for none
    /// @param batch scenes a step
    /// @param learningRate the highest, reached after the warm-up
    public record School(int steps, int batch, double learningRate) {

        public School {
            new Limits("school").stage(steps, batch, learningRate);
        }

        School withSteps(int other) {
            return new School(other, batch, learningRate);
        }
    }

    /// What the whole model learns before it acts, in place of the pretraining of Prismatic models:
    /// to name what is there and say where it lies, to find what the text names, and to look at it;
    /// see [dev.orrery.policy.tabletop.Perception].
    ///
    /// @param steps optimiser steps, 0 for none
    /// @param batch frames a step
    /// @param learningRate the highest, reached after the warm-up
    /// @param weight with which that goes on while it learns to act, 0 for not at all
    public record Grounding(int steps, int batch, double learningRate, double weight) {

        public Grounding {
            new Limits("grounding").stage(steps, batch, learningRate).notNegative("weight", weight);
        }

        Grounding withSteps(int other) {
            return new Grounding(other, batch, learningRate, weight);
        }
    }

    /// How the policy learns to act.
    ///
    /// @param steps optimiser steps
    /// @param batch frames a step
    /// @param learningRate the highest
    /// @param lastRate where a cosine leads it
    /// @param spread how far the right answer spreads over neighbouring bins, a standard deviation
    ///   in bins; 0 for the one bin only, as published
    /// @param precision how linear layers multiply, in the towers' school too
    public record Training(
            int steps,
            int batch,
            double learningRate,
            double lastRate,
            double spread,
            Precision precision) {

        public Training {
            new Limits("training")
                    .stage(steps, batch, learningRate)
                    .lastRate("lastRate", lastRate)
                    .notNegative("spread", spread);
        }

        /// Training with F32 products.
        public Training(int steps, int batch, double learningRate, double lastRate, double spread) {
            this(steps, batch, learningRate, lastRate, spread, Precision.F32);
        }

        /// The same training with other products.
        public Training with(Precision other) {
            return new Training(steps, batch, learningRate, lastRate, spread, other);
        }

        Training withSteps(int other) {
            return new Training(other, batch, learningRate, lastRate, spread, precision);
        }
    }

    /// How the policy is measured.
    ///
    /// @param episodes episodes a family
    /// @param execute actions executed of each chunk
    /// @param reading which of the bins that it holds likely is acted on; the policy remembers it
    public record Evaluation(int episodes, int execute, Pick reading) {

        public Evaluation {
            new Limits("evaluation")
                    .atLeast(1, "episodes", episodes)
                    .atLeast(1, "execute", execute);
        }

        Evaluation executing(int most) {
            return new Evaluation(episodes, most, reading);
        }
    }
}
