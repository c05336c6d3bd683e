package dev.orrery.system.genie;

import dev.orrery.run.Limits;
import dev.orrery.system.genie.GenieConfig.Codes;
import dev.orrery.system.genie.GenieConfig.Network;

/// The latent action model, which says what was done between frames.
///
/// @param patch edge of a patch in pixels
/// @param lamInput what it sees
/// @param sight how it looks at that
/// @param useGtActions whether the data's actions take the place of latent ones
/// @param motionWeight weight of changing pixels in the loss; 0, as in the paper, for none
/// @param encoder frames to actions
/// @param decoder a frame and an action to the next frame
/// @param codes the codebook
/// @param budget its training
public record LatentActionsConfig(
        int patch,
        LamInput lamInput,
        Sight sight,
        boolean useGtActions,
        double motionWeight,
        Network encoder,
        Network decoder,
        Codes codes,
        BudgetConfig budget) {

    /// What the latent action model sees.
    public enum LamInput {
        PIXELS,
        /// The tokenizer's codes, for an ablation.
        TOKENS
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
            new Limits("latentActions.sight").notNegative("contrast", contrast);
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

    public LatentActionsConfig {
        new Limits("latentActions")
                .atLeast(1, "patch", patch)
                .notNegative("motionWeight", motionWeight);
        if (motionWeight > 0 && lamInput == LamInput.TOKENS) {
            throw new IllegalArgumentException(
                    "genie: latentActions.motionWeight %s weights pixels, which lamInput TOKENS does not see; use 0"
                            .formatted(motionWeight));
        }
    }

    LatentActionsConfig with(LamInput other) {
        return with(other, sight, useGtActions, codes, budget);
    }

    LatentActionsConfig with(Sight other) {
        return with(lamInput, other, useGtActions, codes, budget);
    }

    LatentActionsConfig with(Codes other) {
        return with(lamInput, sight, useGtActions, other, budget);
    }

    LatentActionsConfig with(BudgetConfig other) {
        return with(lamInput, sight, useGtActions, codes, other);
    }

    LatentActionsConfig withGtActions() {
        return with(lamInput, sight, true, codes, budget);
    }

    private LatentActionsConfig with(
            LamInput input, Sight look, boolean real, Codes book, BudgetConfig training) {
        return new LatentActionsConfig(
                patch, input, look, real, motionWeight, encoder, decoder, book, training);
    }
}
