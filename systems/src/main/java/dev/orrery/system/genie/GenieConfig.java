package dev.orrery.system.genie;

import dev.orrery.nn.Precision;
import dev.orrery.spacetime.Patches;
import dev.orrery.spacetime.SpatioTemporalBlock;

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
        Tokenizer tokenizer,
        LatentActions latentActions,
        Dynamics dynamics,
        Training training,
        Evaluation evaluation) {

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

    /// What the latent action model sees.
    public enum LamInput {
        PIXELS,
        /// The tokenizer's codes, for an ablation.
        TOKENS
    }

    /// What the tokenizer sees.
    public enum Variant {
        /// A frame and those before it.
        TEMPORAL,
        /// A frame alone, for an ablation.
        SPATIAL
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
            if (context < 2) {
                throw new IllegalArgumentException(
                        "genie: data.context is %d; a clip needs 2 frames or more"
                                .formatted(context));
            }
            if (frames < context || height < 1 || width < 1) {
                throw new IllegalArgumentException(
                        "genie: %d frames of %d x %d in clips of %d; give at least as many frames as a clip has, and sides of 1 or more"
                                .formatted(frames, width, height, context));
            }
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
            if (codes < 1 || width < 1) {
                throw new IllegalArgumentException(
                        "genie: %d codes of width %d; both must be 1 or more"
                                .formatted(codes, width));
            }
        }
    }

    /// A budget and its rates.
    ///
    /// @param steps optimiser steps
    /// @param batch clips in a step
    /// @param learningRate the highest
    /// @param finalLearningRate where the cosine ends
    /// @param warmUp steps until the highest rate
    /// @param pairs share of the steps, from the first on, that see two frames of each of more
    ///   clips, as many frames in all as usual: neighbouring frames are much alike, so that other
    ///   scenes teach more
    public record Budget(
            int steps,
            int batch,
            double learningRate,
            double finalLearningRate,
            int warmUp,
            double pairs) {

        /// A budget of whole clips.
        public Budget(
                int steps, int batch, double learningRate, double finalLearningRate, int warmUp) {
            this(steps, batch, learningRate, finalLearningRate, warmUp, 0);
        }

        public Budget {
            if (!(pairs >= 0 && pairs <= 1)) {
                throw new IllegalArgumentException(
                        "genie: pairs %s is a share of the steps; use 0 to 1".formatted(pairs));
            }
            if (steps < 1 || batch < 1 || warmUp < 0) {
                throw new IllegalArgumentException(
                        "genie: %d steps of %d clips with %d of warm-up; steps and clips must be 1 or more"
                                .formatted(steps, batch, warmUp));
            }
            if (!(learningRate > 0) || !(finalLearningRate >= 0)) {
                throw new IllegalArgumentException(
                        "genie: learning rates %s to %s; use numbers above 0"
                                .formatted(learningRate, finalLearningRate));
            }
        }

        /// The same with other steps; the warm-up shrinks with them.
        Budget withSteps(int other) {
            int warm = Math.min(warmUp, other / 4);
            return new Budget(other, batch, learningRate, finalLearningRate, warm, pairs);
        }

        /// What a step sees, counted from 0, where clips have so many frames.
        Portion portion(long step, int context) {
            return step < Math.round(pairs * steps)
                    ? new Portion(Math.max(1, batch * context / 2), 2)
                    : new Portion(batch, context);
        }
    }

    /// What a step sees.
    ///
    /// @param clips how many
    /// @param frames how many of each, from its first on
    record Portion(int clips, int frames) {

        /// The clips of one of several shares, which may differ by one.
        Portion of(int share, int count) {
            return new Portion(clips * (share + 1) / count - clips * share / count, frames);
        }
    }

    /// @param patch edge of a patch in pixels
    /// @param variant what it sees
    /// @param encoder pixels to latents
    /// @param decoder codes to pixels
    /// @param codes the codebook
    /// @param budget its training
    /// @param continuous share of the steps, from the first on, in which nothing is quantised; the
    ///   codes then start as means of what the encoder gives
    public record Tokenizer(
            int patch,
            Variant variant,
            Network encoder,
            Network decoder,
            Codes codes,
            Budget budget,
            double continuous) {

        /// A tokenizer that quantises from its first step on.
        public Tokenizer(
                int patch,
                Variant variant,
                Network encoder,
                Network decoder,
                Codes codes,
                Budget budget) {
            this(patch, variant, encoder, decoder, codes, budget, 0);
        }

        public Tokenizer {
            if (!(continuous >= 0 && continuous < 1)) {
                throw new IllegalArgumentException(
                        "genie: tokenizer.continuous %s is a share of the steps; use 0 to less than 1"
                                .formatted(continuous));
            }
        }

        /// The first step that quantises, counted from 0.
        int firstQuantised() {
            return (int) (continuous * budget.steps());
        }

        /// The same that sees other frames.
        Tokenizer with(Variant other) {
            return new Tokenizer(patch, other, encoder, decoder, codes, budget, continuous);
        }

        Tokenizer with(Budget other) {
            return new Tokenizer(patch, variant, encoder, decoder, codes, other, continuous);
        }

        SpatioTemporalBlock.Config block(Network network) {
            return switch (variant) {
                case TEMPORAL -> network.block();
                case SPATIAL -> network.block().alone();
            };
        }
    }

    /// How latent actions look at frames.
    ///
    /// @param pairs whether each step is explained from its two frames alone, so that a code says
    ///   what happens and not what changes about it; otherwise all earlier frames of a clip are
    ///   seen, as in the paper
    /// @param changes whether the encoder sees what changed since the frame before instead of what
    ///   is there, so that codes do not tell what a scene looks like
    /// @param contrast when above 0, errors of a patch count relative to its variance plus this, so
    ///   that a shifted background weighs as much as a bright figure; 0, as in the paper, for plain
    ///   squared errors
    public record Sight(boolean pairs, boolean changes, double contrast) {

        public Sight {
            if (!(contrast >= 0)) {
                throw new IllegalArgumentException(
                        "genie: latentActions.sight.contrast %s is below 0; use 0 for plain errors"
                                .formatted(contrast));
            }
        }

        /// All earlier frames, as they are.
        public static Sight paper() {
            return new Sight(false, false, 0);
        }

        /// What changed between two frames.
        public static Sight ofChanges() {
            return new Sight(true, true, 1e-2);
        }
    }

    /// @param patch edge of a patch in pixels
    /// @param lamInput what it sees
    /// @param sight how it looks at that
    /// @param useGtActions whether the data's actions take the place of latent ones
    /// @param motionWeight weight of changing pixels in the loss; 0, as in the paper, for none
    /// @param encoder frames to actions
    /// @param decoder a frame and an action to the next frame
    /// @param codes the codebook
    /// @param budget its training
    public record LatentActions(
            int patch,
            LamInput lamInput,
            Sight sight,
            boolean useGtActions,
            double motionWeight,
            Network encoder,
            Network decoder,
            Codes codes,
            Budget budget) {

        public LatentActions {
            if (!(motionWeight >= 0)) {
                throw new IllegalArgumentException(
                        "genie: latentActions.motionWeight %s is below 0; use 0 for none"
                                .formatted(motionWeight));
            }
            if (motionWeight > 0 && lamInput == LamInput.TOKENS) {
                throw new IllegalArgumentException(
                        "genie: latentActions.motionWeight %s weights pixels, which lamInput TOKENS does not see; use 0"
                                .formatted(motionWeight));
            }
        }

        LatentActions with(LamInput other) {
            return with(other, sight, useGtActions, codes, budget);
        }

        LatentActions with(Sight other) {
            return with(lamInput, other, useGtActions, codes, budget);
        }

        LatentActions with(Codes other) {
            return with(lamInput, sight, useGtActions, other, budget);
        }

        LatentActions with(Budget other) {
            return with(lamInput, sight, useGtActions, codes, other);
        }

        LatentActions withGtActions() {
            return with(lamInput, sight, true, codes, budget);
        }

        private LatentActions with(
                LamInput input, Sight look, boolean real, Codes book, Budget training) {
            return new LatentActions(
                    patch, input, look, real, motionWeight, encoder, decoder, book, training);
        }
    }

    /// @param injection how an action reaches its frame
    /// @param masking which tokens are hidden in training
    /// @param network the transformer
    /// @param budget its training
    public record Dynamics(Injection injection, Masking masking, Network network, Budget budget) {

        Dynamics with(Injection other) {
            return new Dynamics(other, masking, network, budget);
        }

        Dynamics with(Masking other) {
            return new Dynamics(injection, other, network, budget);
        }

        Dynamics with(Network other) {
            return new Dynamics(injection, masking, other, budget);
        }

        Dynamics with(Budget other) {
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
            if (!(clip > 0) || saveEvery < 1) {
                throw new IllegalArgumentException(
                        "genie: training.clip %s and training.saveEvery %d must be above 0"
                                .formatted(clip, saveEvery));
            }
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
            if (maskGitSteps < 1 || clips < 1) {
                throw new IllegalArgumentException(
                        "genie: %d MaskGIT steps on %d clips; both must be 1 or more"
                                .formatted(maskGitSteps, clips));
            }
            if (!(temperature > 0)) {
                throw new IllegalArgumentException(
                        "genie: evaluation.temperature %s is not above 0; use 1, or less to be surer"
                                .formatted(temperature));
            }
        }
    }

    public GenieConfig {
        tokenizerPatches(data, tokenizer);
        actionPatches(data, tokenizer, latentActions);
    }

    private static Patches tokenizerPatches(Data data, Tokenizer tokenizer) {
        return patches("tokenizer.patch", tokenizer.patch, data);
    }

    private static Patches actionPatches(
            Data data, Tokenizer tokenizer, LatentActions latentActions) {
        return switch (latentActions.lamInput) {
            case PIXELS -> patches("latentActions.patch", latentActions.patch, data);
            case TOKENS -> tokenizerPatches(data, tokenizer);
        };
    }

    private static Patches patches(String key, int patch, Data data) {
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

    /// Among how many threads each step's clips can be divided: as many as there are, but no more
    /// than the smallest batch has clips.
    int shares(int threads) {
        int least = Math.min(tokenizer.budget.batch, dynamics.budget.batch);
        if (!latentActions.useGtActions) least = Math.min(least, latentActions.budget.batch);
        return Math.min(threads, least);
    }

    /// The same with another tokenizer.
    GenieConfig with(Tokenizer other) {
        return new GenieConfig(data, other, latentActions, dynamics, training, evaluation);
    }

    /// The same with other latent actions.
    GenieConfig with(LatentActions other) {
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
