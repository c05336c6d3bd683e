package dev.orrery.system.genie;

import dev.orrery.run.Limits;
import dev.orrery.spacetime.SpatioTemporalBlock;
import dev.orrery.system.genie.GenieConfig.Codes;
import dev.orrery.system.genie.GenieConfig.Network;

/// The video tokenizer, which turns frames into ids and back.
///
/// @param patch edge of a patch in pixels
/// @param variant what it sees
/// @param encoder pixels to latents
/// @param decoder codes to pixels
/// @param codes the codebook
/// @param budget its training
/// @param continuous share of the steps, from the first on, in which nothing is quantised; the
///   codes then start as means of what the encoder gives
public record TokenizerConfig(
        int patch,
        Variant variant,
        Network encoder,
        Network decoder,
        Codes codes,
        BudgetConfig budget,
        double continuous) {

    /// What the tokenizer sees.
    public enum Variant {
        /// A frame and those before it.
        TEMPORAL,
        /// A frame alone, for an ablation.
        SPATIAL
    }

    /// A tokenizer that quantises from its first step on.
    public TokenizerConfig(
            int patch,
            Variant variant,
            Network encoder,
            Network decoder,
            Codes codes,
            BudgetConfig budget) {
        this(patch, variant, encoder, decoder, codes, budget, 0);
    }

    public TokenizerConfig {
        new Limits("tokenizer").atLeast(1, "patch", patch).share("continuous", continuous);
    }

    /// The first step that quantises, counted from 0.
    int firstQuantised() {
        return (int) (continuous * budget.steps());
    }

    /// The same that sees other frames.
    TokenizerConfig with(Variant other) {
        return new TokenizerConfig(patch, other, encoder, decoder, codes, budget, continuous);
    }

    TokenizerConfig with(BudgetConfig other) {
        return new TokenizerConfig(patch, variant, encoder, decoder, codes, other, continuous);
    }

    SpatioTemporalBlock.Config block(Network network) {
        return switch (variant) {
            case TEMPORAL -> network.block();
            case SPATIAL -> network.block().alone();
        };
    }
}
