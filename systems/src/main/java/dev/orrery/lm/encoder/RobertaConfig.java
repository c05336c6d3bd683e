package dev.orrery.lm.encoder;

import dev.orrery.lm.PublicConfig;
import dev.orrery.nn.Activation;

/// The sizes of a RoBERTa or XLM-RoBERTa encoder.
///
/// @param vocabulary token ids V
/// @param width channels D
/// @param depth layers
/// @param heads attention heads N
/// @param mlp hidden channels
/// @param positions rows of the position table; the first `padding + 1` are never a token's
/// @param padding id of the padding token
/// @param style what else the configuration says
public record RobertaConfig(
        int vocabulary,
        int width,
        int depth,
        int heads,
        int mlp,
        int positions,
        int padding,
        Style style) {

    /// @param types kinds of segments
    /// @param activation of the feed-forward layers
    /// @param epsilon of the norms
    /// @param tied whether the head's output layer is the embedding
    public record Style(int types, Activation activation, double epsilon, boolean tied) {}

    /// Reads a public `config.json`.
    public static RobertaConfig read(PublicConfig c) {
        return new RobertaConfig(
                c.integer("vocab_size"),
                c.integer("hidden_size"),
                c.integer("num_hidden_layers"),
                c.integer("num_attention_heads"),
                c.integer("intermediate_size"),
                c.integer("max_position_embeddings"),
                c.integer("pad_token_id", 1),
                new Style(
                        c.integer("type_vocab_size", 1),
                        Activation.named(c.text("hidden_act", "gelu")),
                        c.number("layer_norm_eps", 1e-5),
                        c.flag("tie_word_embeddings", true)));
    }
}
