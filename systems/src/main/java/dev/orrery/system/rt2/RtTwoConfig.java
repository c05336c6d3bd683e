package dev.orrery.system.rt2;

import dev.orrery.env.tabletop.Camera;
import dev.orrery.lm.decoder.Pick;
import dev.orrery.run.Limits;
import dev.orrery.vision.SiglipConfig;
import java.util.Collections;
import java.util.List;

/// Everything that a run is determined by, besides its seed.
///
/// @param model the network
/// @param demonstrations the robot's data
/// @param web stage W: questions and answers, in place of the web's
/// @param training stage R: how it learns to act
/// @param evaluation how it is measured
public record RtTwoConfig(
        Model model,
        Demonstrations demonstrations,
        Web web,
        Training training,
        Evaluation evaluation) {

    /// Twelve families: 3,000 steps of 16 questions, then 15,000 of 16 frames and questions.
    public static RtTwoConfig laptop() {
        return new RtTwoConfig(
                Model.tabletop(),
                new Demonstrations(List.of(), 600, ""),
                new Web(3000, 16, 2e-3, 1, true),
                new Training(15_000, 16, 1e-3, 1e-4, Training.Data.CO_FINE_TUNE, .6, .3, 3),
                new Evaluation(50, 1, 160, 256, Pick.MEDIAN));
    }

    /// Three families, to see in about a minute that everything works.
    public static RtTwoConfig smoke() {
        return new RtTwoConfig(
                Model.tabletop(),
                new Demonstrations(List.of("reach", "button", "pick"), 30, ""),
                new Web(100, 12, 1e-3, 1, true),
                new Training(100, 12, 1e-3, 1e-4, Training.Data.CO_FINE_TUNE, .6, .3, 3),
                new Evaluation(2, 1, 160, 64, Pick.MEDIAN));
    }

    /// The published sizes of the instance on PaLM-E-12B, as numbers: a tower of four billion
    /// parameters before a decoder of eight. It cannot be trained or loaded here.
    ///
    /// The other instance, on PaLI-X, is an encoder and a decoder and no such network; its training
    /// was 80,000 steps of 2,048 at 1e-3 with half the samples from robots (55B), 270,000 steps for
    /// 5B. Shares and rates are recalled from the paper's appendix, not checked.
    public static RtTwoConfig paper() {
        var tower = new SiglipConfig(1792, 56, 16, 15_360, 14, List.of(), List.of(224));
        var actions = Actions.of(7, 1, Tokens.OVERWRITE_LEAST_USED);
        return new RtTwoConfig(
                new Model(
                        Kind.VLM,
                        tower,
                        new Language(4096, 32, 16, 16_384),
                        new Text(256_000, 64, 0),
                        actions),
                new Demonstrations(List.of(), 100, ""),
                new Web(0, 512, 4e-4, 0, true),
                new Training(1_000_000, 512, 4e-4, 4e-4, Training.Data.CO_FINE_TUNE, .66, 0, 0),
                new Evaluation(50, 1, 160, 256, Pick.LIKELIEST));
    }

    /// The same with another network.
    public RtTwoConfig with(Model other) {
        return new RtTwoConfig(other, demonstrations, web, training, evaluation);
    }

    /// The same with another first stage.
    public RtTwoConfig with(Web other) {
        return new RtTwoConfig(model, demonstrations, other, training, evaluation);
    }

    /// The same with another second stage.
    public RtTwoConfig with(Training other) {
        return new RtTwoConfig(model, demonstrations, web, other, evaluation);
    }

    /// The same without questions in the second stage, on as many robot samples: the mixture's
    /// share of the steps.
    public RtTwoConfig fineTuned() {
        int steps = (int) Math.round(training.steps * training.robot);
        return with(training.with(Training.Data.ROBOT_ONLY, steps));
    }

    /// The same without stage W.
    public RtTwoConfig unschooled() {
        return with(web.with(0));
    }

    /// The same with so many steps of both stages.
    public RtTwoConfig withSteps(int first, int second) {
        return with(web.with(first)).with(training.with(training.data, second));
    }

    /// The same that says what it is about to do before it acts.
    public RtTwoConfig planned() {
        return with(model.with(new Text(model.text.vocabulary, model.text.prompt, PLAN)));
    }

    private static final int PLAN = 12;

    /// The network.
    ///
    /// @param kind which
    /// @param vision the tower; a [Kind#FILM_CONV] has its stem only
    /// @param language the language model; a [Kind#FILM_CONV] has its width only
    /// @param text what is read and written
    /// @param actions what is done
    public record Model(
            Kind kind, SiglipConfig vision, Language language, Text text, Actions actions) {

        public Model {
            var limits =
                    new Limits("model.vision")
                            .size("width", vision.width())
                            .size("mlp", vision.mlp())
                            .layers(0, "layers", vision.layers());
            vision.imageSizes().forEach(side -> limits.size("imageSizes", side));
        }

        /// The laptop's: 64 + 16 patches, five action tokens, 1.2 million parameters.
        public static Model tabletop() {
            var tower =
                    new SiglipConfig(
                            96,
                            2,
                            4,
                            384,
                            8,
                            List.of(32, 64, 96),
                            List.of(Camera.OVERHEAD_PIXELS, Camera.WRIST_PIXELS));
            return new Model(
                    Kind.VLM,
                    tower,
                    new Language(128, 4, 4, 344),
                    new Text(512, 24, 0),
                    Actions.of(4, 1, Tokens.INTEGER_WORDS));
        }

        /// The same of another kind.
        public Model with(Kind other) {
            return new Model(other, vision, language, text, actions);
        }

        /// The same that reads and writes otherwise.
        public Model with(Text other) {
            return new Model(kind, vision, language, other, actions);
        }

        /// The same that acts otherwise.
        public Model with(Actions other) {
            return new Model(kind, vision, language, text, other);
        }
    }

    /// Which network.
    public enum Kind {
        /// A vision-language model whose answers are actions.
        VLM,
        /// In the manner of RT-1: convolutions that the instruction modulates, and no language
        /// model. For comparison.
        FILM_CONV
    }

    /// The language model.
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

    /// What is read and written.
    ///
    /// @param vocabulary ids V
    /// @param prompt tokens L of a prompt
    /// @param plan most tokens that may be written before an action; 0 for models that act at once
    public record Text(int vocabulary, int prompt, int plan) {
        public Text {
            new Limits("model.text")
                    .size("vocabulary", vocabulary)
                    .atLeast(2, "prompt", prompt)
                    .atLeast(0, "plan", plan);
        }
    }

    /// How integers become tokens.
    public enum Tokens {
        /// Words for the integers 0 to 255 that the vocabulary has, as PaLI-X.
        INTEGER_WORDS,
        /// The 256 ids that the corpus uses least, as PaLM-E; what they meant is lost.
        OVERWRITE_LEAST_USED
    }

    /// What is done.
    ///
    /// @param low the lowest value of each dimension
    /// @param high the highest
    /// @param chunk actions K that one answer holds; the paper's is 1
    /// @param tokens how integers become tokens
    public record Actions(List<Double> low, List<Double> high, int chunk, Tokens tokens) {

        public Actions {
            low = List.copyOf(low);
            high = List.copyOf(high);
            new Limits("model.actions").size("chunk", chunk);
            var _ = new ActionBins(low, high); // refuses bounds that hold nothing
        }

        /// Dimensions that reach from -1 to 1.
        public static Actions of(int dims, int chunk, Tokens tokens) {
            return new Actions(
                    Collections.nCopies(dims, -1.0), Collections.nCopies(dims, 1.0), chunk, tokens);
        }

        /// The bins of each dimension.
        ///
        /// @throws IllegalArgumentException if a lowest value is not below the highest
        ActionBins bins() {
            return new ActionBins(low, high);
        }

        /// Values A of an action.
        public int dims() {
            return low.size();
        }

        /// Integers of an answer: the flag, then K actions.
        public int integers() {
            return 1 + chunk * dims();
        }

        /// The same with other tokens.
        public Actions with(Tokens other) {
            return new Actions(low, high, chunk, other);
        }
    }

    /// The demonstrations to record, or to read.
    ///
    /// @param families task families, empty for all twelve
    /// @param perFamily episodes a family
    /// @param folder a LeRobot data set to learn from instead, or empty
    public record Demonstrations(List<String> families, int perFamily, String folder) {

        public Demonstrations {
            families = List.copyOf(families);
            new Limits("demonstrations").atLeast(1, "perFamily", perFamily);
        }
    }

    /// Stage W.
    ///
    /// @param steps optimiser steps, 0 for none
    /// @param batch questions a step
    /// @param learningRate the highest, reached after the warm-up
    /// @param grounding weight of the losses that name every patch's thing and mark what the text
    ///   mentions, beside the answers; 0 for answers alone, as in the paper
    /// @param reworded whether each question is asked in one of three wordings
    public record Web(
            int steps, int batch, double learningRate, double grounding, boolean reworded) {

        public Web {
            new Limits("web").stage(steps, batch, learningRate).notNegative("grounding", grounding);
        }

        Web with(int steps) {
            return new Web(steps, batch, learningRate, grounding, reworded);
        }
    }

    /// Stage R.
    ///
    /// @param steps optimiser steps
    /// @param batch frames and questions a step
    /// @param learningRate the highest
    /// @param lastRate where a cosine leads it
    /// @param data whether questions go on
    /// @param robot the share ρ of a batch that is robot frames where they do, between 0 and 1
    /// @param grounding weight of the dense losses, as in stage W
    /// @param spread how far a value's right integer spreads over its neighbours, a standard
    ///   deviation in integers; 0 for one right answer, as in the paper
    public record Training(
            int steps,
            int batch,
            double learningRate,
            double lastRate,
            Data data,
            double robot,
            double grounding,
            double spread) {

        /// What stage R learns from.
        public enum Data {
            /// Robot frames and questions.
            CO_FINE_TUNE,
            /// Robot frames.
            ROBOT_ONLY
        }

        public Training {
            new Limits("training")
                    .stage(steps, batch, learningRate)
                    .lastRate("lastRate", lastRate)
                    .notNegative("grounding", grounding)
                    .notNegative("spread", spread);
            if (!(robot > 0 && robot < 1)) {
                throw new IllegalArgumentException(
                        "training.robot is %s; it must lie between 0 and 1, both excluded (for robot frames alone set training.data to ROBOT_ONLY)"
                                .formatted(robot));
            }
        }

        Training with(Data other, int steps) {
            return new Training(
                    steps, batch, learningRate, lastRate, other, robot, grounding, spread);
        }

        /// Robot samples of the whole stage, in the mean.
        double robotSamples() {
            double share = data == Data.ROBOT_ONLY ? 1 : robot;
            return share * steps * batch;
        }
    }

    /// How the policy is measured.
    ///
    /// @param episodes episodes a family
    /// @param hold control steps that one answer lasts: its actions one after the other, then the
    ///   last one held
    /// @param limit control steps after which the policy stops by itself
    /// @param questions questions that tell how much language is left
    /// @param reading which of the integers that it holds likely is acted on
    public record Evaluation(int episodes, int hold, int limit, int questions, Pick reading) {
        public Evaluation {
            new Limits("evaluation")
                    .atLeast(1, "episodes", episodes)
                    .atLeast(1, "hold", hold)
                    .atLeast(1, "limit", limit)
                    .atLeast(1, "questions", questions);
        }
    }
}
