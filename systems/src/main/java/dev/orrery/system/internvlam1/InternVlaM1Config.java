package dev.orrery.system.internvlam1;

import dev.orrery.env.tabletop.Camera;
import dev.orrery.env.tabletop.Question;
import dev.orrery.nn.Activation;
import dev.orrery.policy.tabletop.Lexicon;
import dev.orrery.run.Limits;
import dev.orrery.vision.SiglipConfig;
import dev.orrery.vision.vit.TimmVit;
import dev.orrery.vision.vit.VitConfig;
import dev.orrery.vlm.CompactVlm;
import java.util.List;
import java.util.stream.Stream;

/// Everything that a run is determined by, besides its seed.
///
/// @param model the network
/// @param demonstrations what it learns to do
/// @param spatial stage 1: what it learns to see
/// @param acting stage 2: how it learns to act
/// @param evaluation how it is measured
public record InternVlaM1Config(
        Model model,
        Demonstrations demonstrations,
        Spatial spatial,
        Acting acting,
        Evaluation evaluation) {

    /// Twelve families, 3,000 steps of grounding, 8,000 of acting.
    public static InternVlaM1Config laptop() {
        return new InternVlaM1Config(
                Model.tabletop(),
                new Demonstrations(List.of(), 600, ""),
                new Spatial(3000, 16, 2e-3, Lessons.GROUNDING, true),
                new Acting(8000, 16, 4, Rates.tabletop(), new CoTraining(4, .1, .3), false),
                new Evaluation(50, 4, 5, 1.5, 96));
    }

    /// Three families and few steps, to see in about a minute that everything works.
    public static InternVlaM1Config smoke() {
        return new InternVlaM1Config(
                Model.tabletop(),
                new Demonstrations(List.of("reach", "button", "pick"), 30, ""),
                new Spatial(60, 16, 2e-3, Lessons.GROUNDING, true),
                new Acting(80, 16, 4, Rates.tabletop(), new CoTraining(4, .1, .3), false),
                new Evaluation(2, 4, 5, 1.5, 16));
    }

    /// The same with another network.
    InternVlaM1Config with(Model other) {
        return new InternVlaM1Config(other, demonstrations, spatial, acting, evaluation);
    }

    /// The same with another first stage.
    InternVlaM1Config with(Spatial other) {
        return new InternVlaM1Config(model, demonstrations, other, acting, evaluation);
    }

    /// The same with another second stage.
    InternVlaM1Config with(Acting other) {
        return new InternVlaM1Config(model, demonstrations, spatial, other, evaluation);
    }

    /// The same with so many steps of both stages.
    InternVlaM1Config withSteps(int first, int second) {
        return with(new Spatial(
                        first, spatial.batch, spatial.learningRate, spatial.lessons, spatial.dense))
                .with(
                        new Acting(
                                second,
                                acting.batch,
                                acting.draws,
                                acting.rates,
                                acting.coTraining,
                                acting.freezeVlm));
    }

    /// The network.
    ///
    /// @param vlm the vision-language model, System 2
    /// @param places the second tower
    /// @param queries what looks into them
    /// @param expert the action expert, System 1
    /// @param io words and actions
    /// @param prompt what is asked besides the task
    public record Model(
            Vlm vlm, Places places, Queries queries, Expert expert, Io io, Prompt prompt) {

        public Model {
            if (queries.width % expert.heads != 0) {
                throw new IllegalArgumentException(
                        "model.expert.heads is %d; use a divisor of model.queries.width, %d"
                                .formatted(expert.heads, queries.width));
            }
        }

        /// The laptop's.
        public static Model tabletop() {
            return new Model(
                    new Vlm(96, 2, 128, 4),
                    new Places(true, 64, 2),
                    new Queries(16, 96, 4, .5, false, 0),
                    new Expert(4, 4, Head.DDPM, 50, .1),
                    new Io(512, 40, 4, 8),
                    new Prompt(true, false));
        }

        Model with(Queries other) {
            return new Model(vlm, places, other, expert, io, prompt);
        }

        Model with(Expert other) {
            return new Model(vlm, places, queries, other, io, prompt);
        }

        Model with(Prompt other) {
            return new Model(vlm, places, queries, expert, io, other);
        }

        Model with(Places other) {
            return new Model(vlm, other, queries, expert, io, prompt);
        }

        /// The words that the model reads.
        Lexicon lexicon() {
            return Lexicon.of(io.vocabulary, SpatialPrompt.TABLETOP_WORDS);
        }

        CompactVlm.Size vlmSize() {
            return vlm.size(io.vocabulary);
        }

        QueryTransformer.Size queriesSize() {
            return new QueryTransformer.Size(
                    vlm.width, queries.width, queries.count, 1, queries.heads, queries.dropout);
        }

        ActionDit.Size expertSize() {
            return new ActionDit.Size(
                    io.actionDims,
                    io.chunk,
                    queries.width,
                    expert.depth,
                    expert.heads,
                    queries.count);
        }
    }

    private static final List<Integer> CAMERAS =
            List.of(Camera.OVERHEAD_PIXELS, Camera.WRIST_PIXELS);
    private static final int HEADS = 4, EXPAND = 4, PATCH = 8;
    private static final double EPSILON = 1e-6;

    /// The vision-language model, a [CompactVlm].
    ///
    /// @param vision channels of its tower
    /// @param visionDepth blocks of its tower
    /// @param width channels of its language model
    /// @param depth layers of its language model
    public record Vlm(int vision, int visionDepth, int width, int depth) {

        public Vlm {
            new Limits("model.vlm")
                    .splits("vision", vision, HEADS)
                    .layers(1, "visionDepth", visionDepth)
                    .splits("width", width, 2 * HEADS)
                    .layers(1, "depth", depth);
        }

        CompactVlm.Size size(int vocabulary) {
            var tower =
                    new SiglipConfig(
                            vision,
                            visionDepth,
                            HEADS,
                            EXPAND * vision,
                            PATCH,
                            List.of(32, 64, vision),
                            CAMERAS);
            int gated = width * EXPAND * 2 / 3 / 8 * 8 + 8;
            return CompactVlm.Size.of(tower, vocabulary, width, depth, HEADS, gated);
        }
    }

    /// The second tower, which stands where DINOv2 does.
    ///
    /// @param present whether there is one
    /// @param width its channels
    /// @param depth its blocks
    public record Places(boolean present, int width, int depth) {

        public Places {
            new Limits("model.places").splits("width", width, HEADS).layers(1, "depth", depth);
        }

        TimmVit.Config tower() {
            var layers =
                    new VitConfig(width, depth, HEADS, EXPAND * width, Activation.GELU, EPSILON);
            return new TimmVit.Config(
                    layers, new TimmVit.Input(CAMERAS, PATCH, List.of()), 0, "gamma");
        }
    }

    /// The query transformer, and the condition's width with it.
    ///
    /// @param count queries Q
    /// @param width channels D
    /// @param heads attention heads
    /// @param gradScale what the gradient into the vision-language model is multiplied by; .5 in
    ///   the paper, 1 in the released code, whose scaling is switched off
    /// @param compat the released code's manner: padding is seen, the gradient is whole
    /// @param dropout in training
    public record Queries(
            int count, int width, int heads, double gradScale, boolean compat, double dropout) {

        public Queries {
            new Limits("model.queries")
                    .size("count", count)
                    .size("heads", heads)
                    .splits("width", width, heads)
                    .share("dropout", dropout);
            if (!(gradScale >= 0 && gradScale <= 1)) {
                throw new IllegalArgumentException(
                        "model.queries.gradScale is %s; use 0 (stopped) to 1 (untouched), .5 as in the paper"
                                .formatted(gradScale));
            }
        }

        QueryTransformer.Manner manner() {
            return QueryTransformer.Manner.of(compat, gradScale);
        }
    }

    /// What the action expert predicts.
    public enum Head {
        /// The noise of a diffusion in discrete steps, as the released code has it.
        DDPM,
        /// The velocity of a flow.
        FLOW
    }

    /// The action expert.
    ///
    /// @param depth blocks
    /// @param heads attention heads
    /// @param head what it predicts
    /// @param steps diffusion steps T
    /// @param dropout share of conditions that are dropped in training, for guidance
    public record Expert(int depth, int heads, Head head, int steps, double dropout) {

        public Expert {
            new Limits("model.expert")
                    .layers(1, "depth", depth)
                    .size("heads", heads)
                    .atLeast(1, "steps", steps)
                    .share("dropout", dropout);
        }

        ActionHead objective() {
            return new ActionHead(
                    head == Head.DDPM ? ActionHead.Kind.DDPM : ActionHead.Kind.FLOW,
                    steps,
                    dropout);
        }
    }

    /// Words and actions.
    ///
    /// @param vocabulary ids
    /// @param textTokens tokens L of a prompt
    /// @param actionDims values A of an action
    /// @param chunk actions K at once
    public record Io(int vocabulary, int textTokens, int actionDims, int chunk) {

        public Io {
            new Limits("model.io")
                    .size("vocabulary", vocabulary)
                    .size("textTokens", textTokens)
                    .size("actionDims", actionDims)
                    .size("chunk", chunk);
        }
    }

    /// What the vision-language model is asked besides the task.
    ///
    /// @param spatial whether the suffix that asks for places is there
    /// @param boxesFirst whether the box of what to act on is written before acting, and seen by
    ///   the action expert; the authors found it unstable
    public record Prompt(boolean spatial, boolean boxesFirst) {}

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

    /// What stage 1 asks.
    public enum Lessons {
        /// Points, boxes, relations and paths.
        GROUNDING,
        /// What lies on the table, from left to right: as many steps without places.
        CAPTIONS;

        List<Question.Type> types() {
            return switch (this) {
                case GROUNDING ->
                        Stream.of(
                                        Question.Type.POINT,
                                        Question.Type.BOX,
                                        Question.Type.RELATION,
                                        Question.Type.PATH)
                                .toList();
                case CAPTIONS -> List.of(Question.Type.CAPTION);
            };
        }
    }

    /// Stage 1.
    ///
    /// @param steps optimiser steps, 0 for none
    /// @param batch questions a step
    /// @param learningRate after the warm-up
    /// @param lessons what is asked
    /// @param dense whether patches are also asked what they show and whether it is meant, without
    ///   which a model of this size learns no places; grounding lessons only
    public record Spatial(
            int steps, int batch, double learningRate, Lessons lessons, boolean dense) {

        public Spatial {
            new Limits("spatial").stage(steps, batch, learningRate);
        }

        boolean labelled() {
            return dense && lessons == Lessons.GROUNDING;
        }
    }

    /// Learning rates of the parts of the network in stage 2, the highest of a cosine.
    ///
    /// @param vlm of the vision-language model
    /// @param expert of the action expert
    /// @param rest of everything else
    public record Rates(double vlm, double expert, double rest) {

        /// The paper's 1e-4 and 5e-5 times ten; the vision-language model's as high as the action
        /// expert's, not a tenth of it, since nothing is pretrained.
        static Rates tabletop() {
            return new Rates(1e-3, 1e-3, 5e-4);
        }

        public Rates {
            new Limits("acting.rates")
                    .lastRate("vlm", vlm)
                    .rate("expert", expert)
                    .lastRate("rest", rest);
        }
    }

    /// Questions that go on in stage 2, in the same steps as actions.
    ///
    /// @param batch questions a step, 0 for none
    /// @param weight of their loss
    /// @param dense weight of what patches of the frames that are acted on show and whether the
    ///   task means it, where that is known; 0 leaves those frames unasked, as no questions do
    public record CoTraining(int batch, double weight, double dense) {

        /// Actions only.
        static final CoTraining NONE = new CoTraining(0, 0, 0);

        public CoTraining {
            new Limits("acting.coTraining")
                    .atLeast(0, "batch", batch)
                    .notNegative("weight", weight)
                    .notNegative("dense", dense);
        }

        boolean present() {
            return batch > 0;
        }
    }

    /// Stage 2.
    ///
    /// @param steps optimiser steps
    /// @param batch frames a step
    /// @param draws draws of noise and step for each frame
    /// @param rates learning rates
    /// @param coTraining the questions that go on
    /// @param freezeVlm whether the vision-language model stays as it is
    public record Acting(
            int steps,
            int batch,
            int draws,
            Rates rates,
            CoTraining coTraining,
            boolean freezeVlm) {

        public Acting {
            new Limits("acting")
                    .atLeast(0, "steps", steps)
                    .atLeast(1, "batch", batch)
                    .atLeast(1, "draws", draws);
        }

        /// What one should know before training like this.
        List<String> warnings() {
            if (freezeVlm && coTraining.present()) {
                return List.of(
                        "acting.coTraining asks questions of a frozen vision-language model, which"
                                + " learns nothing from them; set acting.coTraining.batch=0");
            }
            if (!freezeVlm && !coTraining.present()) {
                return List.of(
                        "without acting.coTraining the vision-language model learns from actions"
                                + " alone: grounding decays; freeze it by acting.freezeVlm=true, or"
                                + " keep asking");
            }
            return List.of();
        }

        /// The weight of dense questions about the frames that are acted on; a model that stays as
        /// it is would learn nothing from them.
        double dense() {
            return coTraining.present() && !freezeVlm ? coTraining.dense : 0;
        }

        Acting with(CoTraining other) {
            return new Acting(steps, batch, draws, rates, other, freezeVlm);
        }
    }

    /// How the policy is measured.
    ///
    /// @param episodes episodes a family
    /// @param execute actions executed of each chunk
    /// @param steps steps of sampling
    /// @param guidance weight of the condition, 1 for none
    /// @param questions questions of each type for the grounding's accuracy
    public record Evaluation(int episodes, int execute, int steps, double guidance, int questions) {

        public Evaluation {
            new Limits("evaluation")
                    .atLeast(1, "episodes", episodes)
                    .atLeast(1, "execute", execute)
                    .atLeast(1, "steps", steps)
                    .notNegative("guidance", guidance)
                    .atLeast(0, "questions", questions);
        }
    }
}
