package dev.orrery.vision.vqgan;

import dev.orrery.lm.PublicConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// The sizes of a [Vqgan].
///
/// @param channels of the first convolution
/// @param levels how each level's channels are multiplied; every level but the last halves the side
/// @param blocks residual blocks of a level on the way in; one more on the way out
/// @param latents channels between encoder and quantiser
/// @param codes codebook entries K
/// @param width channels of a code
/// @param attention the levels that attend between their blocks, counted from the largest picture
/// @param decodes whether there is a decoder
public record VqganConfig(
        int channels,
        List<Integer> levels,
        int blocks,
        int latents,
        int codes,
        int width,
        List<Integer> attention,
        boolean decodes) {

    static final int GROUPS = 32;

    public VqganConfig {
        levels = List.copyOf(levels);
        attention = List.copyOf(attention);
        for (int level : levels) {
            if (level < 1 || channels * level % GROUPS != 0) {
                throw new IllegalArgumentException(
                        "vqgan: %d channels do not split into %d groups; use a multiple"
                                .formatted(channels * level, GROUPS));
            }
        }
        if (levels.isEmpty() || latents < 1 || codes < 1 || width < 1 || blocks < 1) {
            throw new IllegalArgumentException(
                    "vqgan: levels %s, blocks %d, latents %d, codes %d and width %d must each be 1 or more"
                            .formatted(levels, blocks, latents, codes, width));
        }
    }

    /// Janus' image tokenizer: 384 pixels to 24 x 24 codes.
    public static VqganConfig janus() {
        return new VqganConfig(128, List.of(1, 1, 2, 2, 4), 2, 256, 16_384, 8, List.of(4), true);
    }

    /// Reads a `config.json` of Janus' or Chameleon's tokenizer.
    public static VqganConfig read(PublicConfig c) {
        if (c.flag("double_latent", false)) {
            throw c.unsupported("double_latent", "is true, of an autoencoder");
        }
        var attention = c.text("attn_type", "vanilla");
        if (!attention.equals("vanilla")) {
            throw c.unsupported("attn_type", "is '%s'".formatted(attention));
        }
        var levels = new ArrayList<Integer>();
        c.numbers("channel_multiplier").forEach(m -> levels.add(m.intValue()));
        boolean janus = c.text("model_type", "").equals("janus_vqgan");
        return new VqganConfig(
                c.integer("base_channels"),
                levels,
                c.integer("num_res_blocks"),
                c.integer("latent_channels"),
                c.integer("num_embeddings"),
                c.integer("embed_dim"),
                janus ? List.of(levels.size() - 1) : attention(c, levels.size()),
                janus);
    }

    /// Chameleon names the sides at which it attends.
    private static List<Integer> attention(PublicConfig c, int levels) {
        var sides = c.numbers("attn_resolutions");
        if (sides.isEmpty()) return List.of();
        int first = c.integer("resolution");
        return IntStream.range(0, levels)
                .filter(level -> sides.contains((double) (first >> level)))
                .boxed()
                .toList();
    }
}
