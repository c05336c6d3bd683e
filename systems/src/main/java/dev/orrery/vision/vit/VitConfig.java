package dev.orrery.vision.vit;

import dev.orrery.lm.PublicConfig;
import dev.orrery.nn.Activation;

/// The sizes of a transformer of CLIP's or SigLIP's kind, for pictures or for words.
///
/// @param width channels D
/// @param depth layers
/// @param heads attention heads, a divisor of `width`
/// @param mlp hidden channels
/// @param activation of the feed-forward layers
/// @param epsilon of the norms
public record VitConfig(
        int width, int depth, int heads, int mlp, Activation activation, double epsilon) {

    public VitConfig {
        if (heads < 1 || width % heads != 0) {
            throw new IllegalArgumentException(
                    "vision: width %d does not split over %d heads; use a multiple"
                            .formatted(width, heads));
        }
    }

    /// Reads the keys of configurations that give hidden channels as a multiple of the width, as
    /// DINOv2's and Janus' do.
    public static VitConfig readByRatio(PublicConfig c) {
        int width = c.integer("hidden_size");
        return new VitConfig(
                width,
                c.integer("num_hidden_layers"),
                c.integer("num_attention_heads"),
                (int) (width * c.number("mlp_ratio", 4)),
                Activation.named(c.text("hidden_act", "gelu")),
                c.number("layer_norm_eps", 1e-6));
    }

    /// Reads the keys that all public configurations of this kind share.
    ///
    /// @param usual what the family means where the file says nothing, as many do
    static VitConfig read(PublicConfig c, VitConfig usual) {
        return new VitConfig(
                c.integer("hidden_size", usual.width()),
                c.integer("num_hidden_layers", usual.depth()),
                c.integer("num_attention_heads", usual.heads()),
                c.integer("intermediate_size", usual.mlp()),
                c.names("hidden_act")
                        ? Activation.named(c.text("hidden_act", ""))
                        : usual.activation(),
                c.number("layer_norm_eps", usual.epsilon()));
    }
}
