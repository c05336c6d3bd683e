package dev.orrery.lm.decoder;

import dev.orrery.nn.Activation;
import dev.orrery.nn.AttentionConfig.Biases;
import dev.orrery.nn.Rotary;
import java.util.List;
import java.util.OptionalLong;

/// What a decoder-only language model is made of. Families differ in these values, not in code;
/// [DecoderFamily] reads them from public configurations.
///
/// @param vocabulary token ids V
/// @param width channels D
/// @param mlp hidden channels of the gated feed-forward layers
/// @param heads attention
/// @param style norms, activation and the like
/// @param positions rotary positions and windows, layer by layer
/// @param tied whether the output layer is the embedding
/// @param padding the token whose row of the embedding learns nothing from being read
public record DecoderConfig(
        int vocabulary,
        int width,
        int mlp,
        Heads heads,
        Style style,
        Positions positions,
        boolean tied,
        OptionalLong padding) {

    public DecoderConfig {
        if (vocabulary < 1 || width < 1 || mlp < 1) {
            throw new IllegalArgumentException(
                    "decoder: vocabulary %d, width %d and mlp %d must each be 1 or more"
                            .formatted(vocabulary, width, mlp));
        }
    }

    /// Without a token for padding.
    public DecoderConfig(
            int vocabulary,
            int width,
            int mlp,
            Heads heads,
            Style style,
            Positions positions,
            boolean tied) {
        this(vocabulary, width, mlp, heads, style, positions, tied, OptionalLong.empty());
    }

    /// With another answer to whether the output layer is the embedding.
    public DecoderConfig withTied(boolean tied) {
        return new DecoderConfig(vocabulary, width, mlp, heads, style, positions, tied, padding);
    }

    /// With another cap of the logits, 0 for none.
    public DecoderConfig withLogitCap(double cap) {
        var other =
                new Style(
                        style.epsilon(),
                        style.onePlus(),
                        style.activation(),
                        style.sandwich(),
                        style.scaledEmbedding(),
                        style.mlpBias(),
                        cap);
        return new DecoderConfig(vocabulary, width, mlp, heads, other, positions, tied, padding);
    }

    /// Layers.
    public int depth() {
        return positions.layers().size();
    }

    /// Attention of every layer.
    ///
    /// @param count query heads N
    /// @param keyValue key and value heads, a divisor of N
    /// @param width channels of a head
    /// @param biases which projections have a bias
    /// @param normed whether queries and keys are normalised within each head (Qwen3, Gemma 3)
    /// @param scale what scores are multiplied by
    /// @param cap scores are squashed to `cap tanh(score / cap)` (Gemma 2); 0 for not at all
    public record Heads(
            int count,
            int keyValue,
            int width,
            Biases biases,
            boolean normed,
            double scale,
            double cap) {

        public Heads {
            if (count < 1 || keyValue < 1 || count % keyValue != 0) {
                throw new IllegalArgumentException(
                        "decoder: %d heads do not share %d key/value heads evenly; use a multiple"
                                .formatted(count, keyValue));
            }
        }
    }

    /// What layers are made of.
    ///
    /// @param epsilon of every RMS norm
    /// @param onePlus whether norms scale by one plus their weight (Gemma)
    /// @param activation of the feed-forward gate
    /// @param sandwich whether what a branch adds is normalised, too (Gemma 2 and 3)
    /// @param scaledEmbedding whether embeddings are multiplied by √D (Gemma)
    /// @param mlpBias whether feed-forward projections have a bias
    /// @param logitCap logits are squashed to `cap tanh(logit / cap)` (Gemma 2); 0 for not at all
    public record Style(
            double epsilon,
            boolean onePlus,
            Activation activation,
            boolean sandwich,
            boolean scaledEmbedding,
            boolean mlpBias,
            double logitCap) {}

    /// How layers know where tokens stand.
    ///
    /// @param layers one entry a layer
    /// @param sections which pairs of a head follow which axis, where positions have several (see
    ///   [Rotary#at(Tensor, List)]); empty where there is one
    /// @param context most tokens that the model was made for
    public record Positions(List<Layer> layers, List<Integer> sections, int context) {

        public Positions {
            layers = List.copyOf(layers);
            sections = List.copyOf(sections);
        }

        /// The positions of one layer.
        ///
        /// @param rotary how queries and keys are turned
        /// @param window how many tokens, itself included, a token sees; 0 for all before it
        public record Layer(Rotary rotary, int window) {}

        /// The same in every layer.
        public static Positions everywhere(Rotary rotary, int depth, int context) {
            return new Positions(
                    java.util.Collections.nCopies(depth, new Layer(rotary, 0)), List.of(), context);
        }
    }
}
