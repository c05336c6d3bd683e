package dev.orrery.system.genie;

import dev.orrery.data.clips.ClipOptions;
import dev.orrery.nn.Precision;
import dev.orrery.run.Limits;
import dev.orrery.run.Need;
import dev.orrery.spacetime.Patches;
import dev.orrery.spacetime.SpatioTemporalBlock;
import dev.orrery.tensor.Seed;
import java.util.List;

/// Everything that a Genie run is determined by, besides its seed.
///
/// @param data what it learns from
/// @param tokenizer frames to ids and back
/// @param latentActions what was done between frames
/// @param dynamics the next frame's ids
/// @param training what all three have in common
/// @param evaluation how it is sampled and measured
public record GenieConfig(
        Data data,
        TokenizerConfig tokenizer,
        LatentActionsConfig latentActions,
        Dynamics dynamics,
        Training training,
        Evaluation evaluation) {

    /// How many times smaller than its pixels a frame of the platformer is kept, at most.
    private static final int PACKED = 400;

    /// In which order things are learned.
    public enum Stages {
        /// Tokenizer, then latent actions, then dynamics.
        SEPARATE,
        /// Tokenizer, then latent actions and dynamics together, each by its own loss: the paper's.
        JOINT,
        /// As [#JOINT], but the dynamics' loss also moves the latent actions.
        E2E
    }

    /// How an action reaches the frame that it leads to.
    public enum Injection {
        /// One more token in that frame.
        PREPEND,
        /// Added to all of its tokens: the paper's.
        ADDITIVE
    }

    /// Which tokens are hidden in training.
    public enum Masking {
        /// A share between a half and all of the tokens of every frame but the first: the paper's.
        BERNOULLI,
        /// The same in one half of the batches; in the other the past is visible, with some ids
        /// wrong, as it is at play.
        COPILOT,
        /// A share, most often large, of the tokens of each frame, whose past is visible, with some
        /// ids wrong: as it is at play, for every frame of a clip.
        KNOWN_PAST
    }

    /// In which order MaskGIT keeps the tokens of a frame.
    public enum Order {
        /// The surest first.
        GREEDY,
        /// Uniformly at random.
        RANDOM
    }

    /// What becomes of frames whose sides are not multiples of a patch.
    public enum Fit {
        /// They are refused.
        EXACT,
        /// Their last row and column are repeated up to the next multiple.
        PAD
    }

    /// @param video a folder of recordings; empty for simulated ones of the platformer
    /// @param frames how many frames to simulate
    /// @param context frames T of a clip, and most that the models see
    /// @param height rows H of a frame in pixels
    /// @param width columns W of a frame in pixels
    /// @param fit what becomes of sides that are not multiples of a patch
    /// @param runner share of the simulated frames that a scripted runner collects; the rest is
    ///   random play
    /// @param heldOut share of the episodes that is only measured on
    public record Data(
            String video,
            int frames,
            int context,
            int height,
            int width,
            Fit fit,
            double runner,
            double heldOut) {

        public Data {
            new Limits("data")
                    .atLeast(2, "context", context)
                    .atLeast(context, "frames", frames)
                    .atLeast(1, "height", height)
                    .atLeast(1, "width", width)
                    .atMost(ClipOptions.LARGEST, "height", height)
                    .atMost(ClipOptions.LARGEST, "width", width);
            if (!(runner >= 0 && runner <= 1 && heldOut > 0 && heldOut < 1)) {
                throw new IllegalArgumentException(
                        "genie: data.runner %s and data.heldOut %s are shares; use 0 to 1, and for the latter something between"
                                .formatted(runner, heldOut));
            }
        }
    }

    /// The size of a spatio-temporal transformer.
    ///
    /// @param width channels D
    /// @param blocks how many
    /// @param heads attention heads
    /// @param headWidth channels of a head
    /// @param queryKeyNorm whether queries and keys are normalised, for large sizes
    public record Network(int width, int blocks, int heads, int headWidth, boolean queryKeyNorm) {

        public Network {
            Limits.anywhere()
                    .splits("width", width, 4)
                    .layers(1, "blocks", blocks)
                    .size("heads", heads)
                    .size("headWidth", headWidth);
        }

        /// Heads that split the width.
        static Network of(int width, int blocks, int heads) {
            return new Network(width, blocks, heads, width / heads, false);
        }

        SpatioTemporalBlock.Config block() {
            return new SpatioTemporalBlock.Config(
                    width, heads, headWidth, 4, queryKeyNorm, SpatioTemporalBlock.Time.CAUSAL);
        }
    }

    /// @param codes size of a codebook
    /// @param width channels of a code
    public record Codes(int codes, int width) {
        public Codes {
            Limits.anywhere().size("codes", codes).size("width", width);
        }
    }

    /// @param injection how an action reaches its frame
    /// @param masking which tokens are hidden in training
    /// @param network the transformer
    /// @param budget its training
    public record Dynamics(
            Injection injection, Masking masking, Network network, BudgetConfig budget) {

        Dynamics with(Injection other) {
            return new Dynamics(other, masking, network, budget);
        }

        Dynamics with(Masking other) {
            return new Dynamics(injection, other, network, budget);
        }

        Dynamics with(Network other) {
            return new Dynamics(injection, masking, other, budget);
        }

        Dynamics with(BudgetConfig other) {
            return new Dynamics(injection, masking, network, other);
        }
    }

    /// @param stages in which order things are learned
    /// @param beta2 memory of squared gradients; that of gradients is 0.9
    /// @param weightDecay share of a weight that a step takes, per learning rate
    /// @param clip largest norm of a gradient
    /// @param saveEvery steps between checkpoints
    /// @param precision how linear layers multiply
    public record Training(
            Stages stages,
            double beta2,
            double weightDecay,
            double clip,
            int saveEvery,
            Precision precision) {

        /// Training with F32 products.
        public Training(
                Stages stages, double beta2, double weightDecay, double clip, int saveEvery) {
            this(stages, beta2, weightDecay, clip, saveEvery, Precision.F32);
        }

        public Training {
            new Limits("training")
                    .share("beta2", beta2)
                    .notNegative("weightDecay", weightDecay)
                    .positive("clip", clip)
                    .atLeast(1, "saveEvery", saveEvery);
        }

        Training with(Stages other) {
            return new Training(other, beta2, weightDecay, clip, saveEvery, precision);
        }

        Training with(Precision other) {
            return new Training(stages, beta2, weightDecay, clip, saveEvery, other);
        }
    }

    /// @param maskGitSteps steps S in which a frame is sampled
    /// @param temperature what logits are divided by
    /// @param order in which order tokens are kept
    /// @param clips held-out clips that are measured; the full evaluation scales with it
    public record Evaluation(int maskGitSteps, double temperature, Order order, int clips) {
        public Evaluation {
            new Limits("evaluation")
                    .atLeast(1, "maskGitSteps", maskGitSteps)
                    .atLeast(1, "clips", clips)
                    .positive("temperature", temperature);
        }
    }

    public GenieConfig {
        tokenizerPatches(data, tokenizer);
        actionPatches(data, tokenizer, latentActions);
    }

    private static Patches tokenizerPatches(Data data, TokenizerConfig tokenizer) {
        return patches("tokenizer.patch", tokenizer.patch(), data);
    }

    private static Patches actionPatches(
            Data data, TokenizerConfig tokenizer, LatentActionsConfig latentActions) {
        return switch (latentActions.lamInput()) {
            case PIXELS -> patches("latentActions.patch", latentActions.patch(), data);
            case TOKENS -> tokenizerPatches(data, tokenizer);
        };
    }

    private static Patches patches(String key, int patch, Data data) {
        int most = Math.max(data.height, data.width);
        if (patch > most) {
            throw new IllegalArgumentException(
                    "%s is %d; frames have %d x %d pixels, use %d or less"
                            .formatted(key, patch, data.width, data.height, most));
        }
        try {
            return switch (data.fit) {
                case EXACT -> new Patches(patch, data.height, data.width, 3);
                case PAD ->
                        new Patches(
                                patch,
                                Math.ceilDiv(data.height, patch) * patch,
                                Math.ceilDiv(data.width, patch) * patch,
                                3);
            };
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "genie: %s (--set %s, data.height, data.width, or data.fit=PAD)"
                            .formatted(e.getMessage(), key),
                    e);
        }
    }

    /// How the tokenizer cuts frames.
    Patches tokenizerPatches() {
        return tokenizerPatches(data, tokenizer);
    }

    /// How the latent action model cuts frames.
    Patches actionPatches() {
        return actionPatches(data, tokenizer, latentActions);
    }

    /// The platformer in colour, 64 x 64: about eleven minutes on two cores.
    public static GenieConfig laptop() {
        return GeniePresets.laptop();
    }

    /// 32 x 32 and 100 steps of each: under a minute, shows that everything runs.
    public static GenieConfig smoke() {
        return GeniePresets.smoke();
    }

    /// The case study on CoinRun, arXiv:2402.15391 appendix F: 64 x 64, 6 latent actions.
    public static GenieConfig coinrun() {
        return GeniePresets.coinrun();
    }

    /// The platformers model: 160 x 90 at 10 frames a second, 16 frames.
    ///
    /// The paper counts 10.1 billion parameters for its dynamics; 48 blocks of this width, each
    /// with two attentions, have 19.2 billion. Which part of the table is meant otherwise it does
    /// not say.
    ///
    /// Frames are padded to multiples of a patch, as 90 rows are none: 40 x 23 = 920 tokens, which
    /// agrees with the 942 billion tokens that the paper counts for 125,000 steps of 512 clips.
    public static GenieConfig paper() {
        return GeniePresets.paper();
    }

    /// What a run holds whatever happens; its frames are packed.
    List<Need> needs() {
        double clip = (double) data.context * tokenizerPatches().grid().tokens();
        double action = (double) data.context * actionPatches().grid().tokens();
        double frame = (double) data.height * data.width * 3 / PACKED;
        return List.of(
                Need.of("data.frames", data.video.isEmpty() ? data.frames : 0, frame),
                Need.trained("tokenizer", () -> new VideoTokenizer(this, Seed.of(0))),
                Need.trained("latentActions", () -> new LatentActionModel(this, Seed.of(0))),
                Need.trained(
                        "dynamics",
                        () -> new dev.orrery.system.genie.Dynamics(this, 0, Seed.of(0))),
                need("tokenizer", tokenizer.budget(), clip * tokenizer.encoder().width()),
                need(
                        "latentActions",
                        latentActions.budget(),
                        action * latentActions.encoder().width()),
                need("dynamics", dynamics.budget, clip * dynamics.network.width));
    }

    private static Need need(String part, BudgetConfig budget, double clip) {
        return Need.numbers(part + ".budget.batch", budget.batch(), clip);
    }

    /// Among how many threads each step's clips can be divided: as many as there are, but no more
    /// than the smallest batch has clips.
    int shares(int threads) {
        int least = Math.min(tokenizer.budget().batch(), dynamics.budget.batch());
        if (!latentActions.useGtActions()) least = Math.min(least, latentActions.budget().batch());
        return Math.min(threads, least);
    }

    /// The same with another tokenizer.
    GenieConfig with(TokenizerConfig other) {
        return new GenieConfig(data, other, latentActions, dynamics, training, evaluation);
    }

    /// The same with other latent actions.
    GenieConfig with(LatentActionsConfig other) {
        return new GenieConfig(data, tokenizer, other, dynamics, training, evaluation);
    }

    /// The same with other dynamics.
    GenieConfig with(Dynamics other) {
        return new GenieConfig(data, tokenizer, latentActions, other, training, evaluation);
    }

    /// The same with other data.
    GenieConfig with(Data other) {
        return new GenieConfig(other, tokenizer, latentActions, dynamics, training, evaluation);
    }

    /// The same trained otherwise.
    GenieConfig with(Training other) {
        return new GenieConfig(data, tokenizer, latentActions, dynamics, other, evaluation);
    }

    /// The same measured otherwise.
    GenieConfig with(Evaluation other) {
        return new GenieConfig(data, tokenizer, latentActions, dynamics, training, other);
    }
}
