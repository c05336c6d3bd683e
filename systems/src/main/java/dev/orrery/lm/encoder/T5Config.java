package dev.orrery.lm.encoder;

import dev.orrery.lm.PublicConfig;
import dev.orrery.nn.Activation;

/// The sizes of a T5 encoder, as its public configuration names them.
///
/// @param vocabulary token ids V
/// @param width channels D (`d_model`)
/// @param depth layers
/// @param heads attention heads N
/// @param headWidth channels of a head (`d_kv`)
/// @param mlp hidden channels (`d_ff`), and how they are made
/// @param buckets how relative positions are told apart
/// @param epsilon of the norms
public record T5Config(
        int vocabulary,
        int width,
        int depth,
        int heads,
        int headWidth,
        Mlp mlp,
        Buckets buckets,
        double epsilon) {

    /// The feed-forward layers.
    ///
    /// @param hidden channels
    /// @param activation of the hidden channels, or of their gate
    /// @param gated `wi_0` and `wi_1` (T5 1.1) instead of `wi`
    public record Mlp(int hidden, Activation activation, boolean gated) {}

    /// Relative positions: half the buckets for each direction, half of those exact, the others
    /// growing with the logarithm up to `farthest`.
    ///
    /// @param everywhere whether each layer has a bias of its own (UMT5), not the first one for all
    public record Buckets(int count, int farthest, boolean everywhere) {}

    /// Reads a public `config.json`.
    public static T5Config read(PublicConfig c) {
        var type = c.text("model_type", "t5");
        var projection = c.text("feed_forward_proj", type.equals("t5") ? "relu" : "gated-gelu");
        boolean gated = projection.startsWith("gated-");
        var named = gated ? projection.substring("gated-".length()) : projection;
        // T5 1.1 says "gated-gelu" and means the tanh formula
        var activation = projection.equals("gated-gelu") ? "gelu_new" : named;
        return new T5Config(
                c.integer("vocab_size"),
                c.integer("d_model"),
                c.integer("num_layers"),
                c.integer("num_heads"),
                c.integer("d_kv"),
                new Mlp(c.integer("d_ff"), Activation.named(activation), gated),
                new Buckets(
                        c.integer("relative_attention_num_buckets", 32),
                        c.integer("relative_attention_max_distance", 128),
                        type.equals("umt5")),
                c.number("layer_norm_epsilon", 1e-6));
    }
}
