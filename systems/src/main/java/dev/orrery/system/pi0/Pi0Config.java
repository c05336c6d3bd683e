package dev.orrery.system.pi0;

import dev.orrery.env.tabletop.Words;
import dev.orrery.flow.DataAt;
import dev.orrery.lm.GemmaConfig;
import dev.orrery.nn.Precision;
import dev.orrery.policy.ConstantDimensions;
import dev.orrery.policy.tabletop.PictureSheet;
import dev.orrery.run.Limits;
import dev.orrery.vision.SiglipConfig;
import java.util.List;

/// Everything that a π0 run is determined by, besides its seed.
///
/// @param model the network
/// @param demonstrations what it learns from
/// @param grounding stage 0, the stand-in for a pretrained vision-language model
/// @param training stage 1, the flow
/// @param evaluation how it is measured
public record Pi0Config(
        Model model,
        Demonstrations demonstrations,
        Grounding grounding,
        Training training,
        Evaluation evaluation) {

    public Pi0Config {
        PictureSheet.requireSides(model.vision.imageSizes());
        int needed = Words.size() + FAST_VOCABULARY;
        if (training.head == ActionHead.FAST && model.io.vocabulary < needed) {
            throw new IllegalArgumentException(
                    "pi0: the head FAST writes %d tokens of its own; set model.io.vocabulary to %d, it is %d"
                            .formatted(FAST_VOCABULARY, needed, model.io.vocabulary));
        }
        if (grounding.gaze > 0 && model.variant != Pi0Variant.PI0) {
            throw new IllegalArgumentException(
                    "pi0: grounding.gaze tells the state's token where to look, and %s has none; set it to 0"
                            .formatted(model.variant));
        }
        if (training.visibility != Pi0.Visibility.BLOCKWISE && training.head != ActionHead.FLOW) {
            throw new IllegalArgumentException(
                    "pi0: training.visibility %s is built for the head FLOW, not for %s"
                            .formatted(training.visibility, training.head));
        }
    }

    /// Tokens that FAST may use, as in its paper.
    public static final int FAST_VOCABULARY = 1024;

    /// Twelve families, at most 25 minutes of training on two cores.
    public static Pi0Config laptop() {
        return new Pi0Config(
                Model.tabletop(),
                new Demonstrations(List.of(), 300, ""),
                new Grounding(800, 32, 2e-3),
                new Training(9600, 32, 6, 1e-3, 0.1, ActionHead.FLOW, ActionHead.Times.BETA),
                new Evaluation(50, 2, 10));
    }

    /// Twelve families, for as much success as five minutes buy. Where time is short, it pays to be
    /// told where to look.
    public static Pi0Config demo() {
        return new Pi0Config(
                Model.tabletop(),
                new Demonstrations(List.of(), 300, ""),
                new Grounding(1000, 32, 2e-3, 1),
                new Training(3000, 32, 6, 1e-3, 0.1, ActionHead.FLOW, ActionHead.Times.BETA),
                new Evaluation(10, 2, 10));
    }

    /// Three families in two minutes, to see that everything works and something is learned. Where
    /// so little time is left, many steps of few frames teach more than few steps of many.
    public static Pi0Config smoke() {
        return new Pi0Config(
                Model.tabletop(),
                new Demonstrations(List.of("reach", "button", "pick"), 100, ""),
                new Grounding(960, 8, 2e-3, 1),
                new Training(1440, 8, 4, 1e-3, 0.1, ActionHead.FLOW, ActionHead.Times.BETA),
                new Evaluation(10, 2, 10));
    }

    /// The laptop's recipe for π0.5: the state is told in words, time conditions the expert's
    /// norms.
    public static Pi0Config pi05() {
        return laptop().with(Model.tabletop05());
    }

    /// The same with another network.
    public Pi0Config with(Model other) {
        return new Pi0Config(other, demonstrations, grounding, training, evaluation);
    }

    /// The same trained on other demonstrations.
    public Pi0Config with(Demonstrations other) {
        return new Pi0Config(model, other, grounding, training, evaluation);
    }

    /// The same with another stage 0.
    public Pi0Config with(Grounding other) {
        return new Pi0Config(model, demonstrations, other, training, evaluation);
    }

    /// The same with actions written as FAST tokens, for which the vocabulary grows.
    public Pi0Config withFast() {
        var io = model.io;
        var larger =
                new Io(
                        Words.size() + FAST_VOCABULARY,
                        io.textTokens,
                        io.stateDims,
                        io.actionDims,
                        io.horizon,
                        io.dataAt);
        var wider = new Model(model.variant, model.vision, model.language, model.expert, larger);
        return new Pi0Config(
                wider, demonstrations, grounding, training.with(ActionHead.FAST), evaluation);
    }

    /// The same with another stage 1.
    public Pi0Config with(Training other) {
        return new Pi0Config(model, demonstrations, grounding, other, evaluation);
    }

    /// The same with other lengths of its two stages.
    public Pi0Config withSteps(int first, int second) {
        var t = training;
        return new Pi0Config(
                model,
                demonstrations,
                grounding.lasting(first),
                new Training(
                        second,
                        t.batch,
                        t.draws,
                        t.learningRate,
                        t.grounding,
                        t.head,
                        t.times,
                        t.visibility,
                        t.precision),
                evaluation);
    }

    /// The same without questions, before or during stage 1.
    public Pi0Config withoutGrounding() {
        var t = training;
        return new Pi0Config(
                model,
                demonstrations,
                grounding.lasting(0),
                new Training(
                        t.steps,
                        t.batch,
                        t.draws,
                        t.learningRate,
                        0,
                        t.head,
                        t.times,
                        t.visibility,
                        t.precision),
                evaluation);
    }

    /// The network.
    ///
    /// @param variant π0 or π0.5
    /// @param vision the image tower
    /// @param language the prefix's language model
    /// @param expert the action expert; its heads must have the language model's shape
    /// @param io sizes of what goes in and comes out
    public record Model(
            Pi0Variant variant,
            SiglipConfig vision,
            GemmaConfig language,
            GemmaConfig expert,
            Io io) {

        public Model {
            new Limits("model.vision")
                    .size("width", vision.width())
                    .size("mlp", vision.mlp())
                    .layers(0, "layers", vision.layers());
            new Limits("model.language")
                    .size("width", language.width())
                    .size("mlp", language.mlp())
                    .size("heads", language.heads())
                    .size("headDim", language.headDim())
                    .layers(1, "depth", language.depth());
            new Limits("model.expert").size("width", expert.width()).size("mlp", expert.mlp());
            if (language.heads() != expert.heads()
                    || language.keyValueHeads() != expert.keyValueHeads()
                    || language.headDim() != expert.headDim()
                    || language.depth() != expert.depth()) {
                throw new IllegalArgumentException(
                        "pi0: language model %s and expert %s must agree in depth, heads, keyValueHeads and headDim, they attend together"
                                .formatted(language, expert));
            }
        }

        /// The published π0: PaliGemma 3B and an expert of 311 million parameters.
        public static Model paper() {
            return new Model(
                    Pi0Variant.PI0,
                    SiglipConfig.so400m(),
                    GemmaConfig.gemma2b(),
                    GemmaConfig.gemma300m(),
                    new Io(257_152, 48, 32, 32, 50, DataAt.ZERO));
        }

        /// The laptop's: 64 + 16 image tokens, about 0.9 million parameters.
        public static Model tabletop() {
            return new Model(
                    Pi0Variant.PI0,
                    new SiglipConfig(96, 1, 4, 256, 8, List.of(32, 64, 96), List.of(64, 32)),
                    new GemmaConfig(96, 4, 256, 4, 1, 24),
                    new GemmaConfig(96, 4, 256, 4, 1, 24),
                    new Io(Words.size(), 16, 4, 4, 8, DataAt.ONE));
        }

        /// The same as π0.5, with four tokens more for the state.
        public static Model tabletop05() {
            var pi0 = tabletop();
            return new Model(
                    Pi0Variant.PI05,
                    pi0.vision,
                    pi0.language,
                    pi0.expert,
                    new Io(Words.size(), 20, 4, 4, 8, DataAt.ONE));
        }
    }

    /// Sizes of what goes in and comes out of the network.
    ///
    /// @param vocabulary token ids V
    /// @param textTokens instruction length L, padded
    /// @param stateDims state width, zero-padded
    /// @param actionDims action width A, zero-padded
    /// @param horizon actions H of a chunk
    /// @param dataAt the network's own flow clock; the published weights have data at zero
    public record Io(
            int vocabulary,
            int textTokens,
            int stateDims,
            int actionDims,
            int horizon,
            DataAt dataAt) {

        public Io {
            new Limits("model.io")
                    .size("vocabulary", vocabulary)
                    .size("textTokens", textTokens)
                    .size("stateDims", stateDims)
                    .size("actionDims", actionDims)
                    .size("horizon", horizon);
        }
    }

    /// The demonstrations to record, or to read.
    ///
    /// @param families task families, empty for all twelve
    /// @param perFamily episodes a family
    /// @param folder a LeRobot data set to learn from instead, or empty; the families are then only
    ///   those of stage 0's questions and of the measurement
    /// @param augmented whether training pictures are cropped, turned and tinted at random
    /// @param constant dimensions of states and actions that may never change, such as `state:3`
    ///   where no demonstration closes the gripper
    public record Demonstrations(
            List<String> families,
            int perFamily,
            String folder,
            boolean augmented,
            List<String> constant) {

        /// Demonstrations whose pictures are taken as they are, and that move everything.
        public Demonstrations(List<String> families, int perFamily, String folder) {
            this(families, perFamily, folder, false, List.of());
        }

        public Demonstrations {
            families = List.copyOf(families);
            constant = declared(constant).declared();
            new Limits("demonstrations").atLeast(1, "perFamily", perFamily);
        }

        /// The dimensions that are declared constant.
        ConstantDimensions constants() {
            return declared(constant);
        }

        private static ConstantDimensions declared(List<String> constant) {
            return new ConstantDimensions(constant, "demonstrations.constant");
        }
    }

    /// Stage 0: questions about pictures.
    ///
    /// @param steps optimiser steps, 0 for none
    /// @param batch questions a step
    /// @param learningRate the highest, reached after the warm-up
    /// @param gaze weight of two losses more: image tokens say where their things lie, the state's
    ///   token is told where to look. Above 0 it is asked for the way in stage 0 already, and
    ///   naming counts eight times, since it would be learned late beside so much else. Makes short
    ///   trainings learn where things are; π0 only
    public record Grounding(int steps, int batch, double learningRate, double gaze) {

        /// Questions alone.
        public Grounding(int steps, int batch, double learningRate) {
            this(steps, batch, learningRate, 0);
        }

        public Grounding {
            new Limits("grounding").stage(steps, batch, learningRate).notNegative("gaze", gaze);
        }

        /// As many other steps.
        Grounding lasting(int other) {
            return new Grounding(other, batch, learningRate, gaze);
        }
    }

    /// Stage 1: flow matching.
    ///
    /// @param steps optimiser steps
    /// @param batch observations a step
    /// @param draws noise and time draws K an observation
    /// @param learningRate the highest; a cosine leads to a tenth of it
    /// @param grounding weight of stage 0's losses, which go on
    /// @param head what predicts the actions
    /// @param times how flow times are drawn
    /// @param visibility which tokens see which; all but BLOCKWISE give up the cached prefix
    /// @param precision how linear layers multiply in both stages
    public record Training(
            int steps,
            int batch,
            int draws,
            double learningRate,
            double grounding,
            ActionHead head,
            ActionHead.Times times,
            Pi0.Visibility visibility,
            Precision precision) {

        public Training {
            new Limits("training")
                    .atLeast(0, "steps", steps)
                    .atLeast(1, "batch", batch)
                    .atLeast(1, "draws", draws)
                    .rate("learningRate", learningRate)
                    .notNegative("grounding", grounding);
        }

        /// Training under π0's own mask, with F32 products.
        public Training(
                int steps,
                int batch,
                int draws,
                double learningRate,
                double grounding,
                ActionHead head,
                ActionHead.Times times) {
            this(
                    steps,
                    batch,
                    draws,
                    learningRate,
                    grounding,
                    head,
                    times,
                    Pi0.Visibility.BLOCKWISE,
                    Precision.F32);
        }

        /// The same training of another head.
        public Training with(ActionHead other) {
            return new Training(
                    steps,
                    batch,
                    draws,
                    learningRate,
                    grounding,
                    other,
                    times,
                    visibility,
                    precision);
        }

        /// The same training with other flow times.
        public Training with(ActionHead.Times other) {
            return new Training(
                    steps,
                    batch,
                    draws,
                    learningRate,
                    grounding,
                    head,
                    other,
                    visibility,
                    precision);
        }

        /// The same training under another mask, with one draw an observation, since a draw then
        /// costs a pass over everything.
        public Training with(Pi0.Visibility other) {
            return new Training(
                    steps, batch, 1, learningRate, grounding, head, times, other, precision);
        }

        /// The same training with other products.
        public Training with(Precision other) {
            return new Training(
                    steps, batch, draws, learningRate, grounding, head, times, visibility, other);
        }
    }

    /// How the policy is measured.
    ///
    /// @param episodes episodes a family
    /// @param execute actions executed of each chunk
    /// @param flowSteps Euler steps of the sampler
    public record Evaluation(int episodes, int execute, int flowSteps) {

        public Evaluation {
            new Limits("evaluation")
                    .atLeast(1, "episodes", episodes)
                    .atLeast(1, "execute", execute)
                    .atLeast(1, "flowSteps", flowSteps);
        }
    }
}
