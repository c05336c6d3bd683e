package dev.orrery.audio;

import dev.orrery.lm.PublicConfig;
import dev.orrery.nn.Activation;
import java.util.List;

/// The sizes of a wav2vec 2.0 encoder with a CTC head.
///
/// @param convolutions the feature extractor, from the waveform up
/// @param extractorNorm how it is normalised
/// @param extractorActivation behind each of its convolutions
/// @param biased whether its convolutions have a bias
/// @param layers the transformer
/// @param positions the convolution that tells positions
/// @param vocabulary characters V of the head
/// @param loss how its loss is built
public record Wav2Vec2Config(
        List<Convolution> convolutions,
        ExtractorNorm extractorNorm,
        Activation extractorActivation,
        boolean biased,
        Layers layers,
        Positions positions,
        int vocabulary,
        Loss loss) {

    public Wav2Vec2Config {
        convolutions = List.copyOf(convolutions);
    }

    /// One convolution of the feature extractor.
    public record Convolution(int channels, int kernel, int stride) {}

    /// How the feature extractor is normalised.
    public enum ExtractorNorm {
        /// Once, after the first convolution, over time (base).
        GROUP,
        /// After each convolution, over channels (large).
        LAYER
    }

    /// The transformer.
    ///
    /// @param stable whether norms come before each branch (large) or after it (base)
    public record Layers(
            int width,
            int depth,
            int heads,
            int mlp,
            Activation activation,
            double epsilon,
            boolean stable) {}

    /// CTC's loss.
    ///
    /// @param blank id of its blank
    /// @param mean whether each speech's loss is divided by its labels and their mean taken; else
    ///   all are summed
    /// @param lenient whether speech that is too short for its labels counts nothing, not
    ///   infinitely
    public record Loss(int blank, boolean mean, boolean lenient) {}

    /// The convolution that tells positions.
    public record Positions(int kernel, int groups) {}

    /// How many frames a waveform of so many samples gives.
    public long frames(long samples) {
        for (var c : convolutions) samples = (samples - c.kernel()) / c.stride() + 1;
        return samples;
    }

    /// Reads a public `config.json`.
    public static Wav2Vec2Config read(PublicConfig c) {
        if (c.flag("add_adapter", false)) throw c.unsupported("add_adapter", "is true");
        int adapters = c.integer("adapter_attn_dim", 0);
        if (adapters > 0) throw c.unsupported("adapter_attn_dim", "is %d".formatted(adapters));
        var channels = c.numbers("conv_dim");
        var kernels = c.numbers("conv_kernel");
        var strides = c.numbers("conv_stride");
        if (channels.size() != kernels.size() || channels.size() != strides.size()) {
            throw c.wrong(
                    "conv_dim",
                    "names %d convolutions, conv_kernel %d and conv_stride %d"
                            .formatted(channels.size(), kernels.size(), strides.size()));
        }
        var convolutions = new java.util.ArrayList<Convolution>();
        for (int i = 0; i < channels.size(); i++) {
            convolutions.add(
                    new Convolution(
                            channels.get(i).intValue(),
                            kernels.get(i).intValue(),
                            strides.get(i).intValue()));
        }
        var norm =
                switch (c.text("feat_extract_norm", "group")) {
                    case "group" -> ExtractorNorm.GROUP;
                    case "layer" -> ExtractorNorm.LAYER;
                    default ->
                            throw c.wrong(
                                    "feat_extract_norm",
                                    "is '%s'; known: group, layer"
                                            .formatted(c.text("feat_extract_norm", "")));
                };
        return new Wav2Vec2Config(
                convolutions,
                norm,
                Activation.named(c.text("feat_extract_activation", "gelu")),
                c.flag("conv_bias", false),
                new Layers(
                        c.integer("hidden_size"),
                        c.integer("num_hidden_layers"),
                        c.integer("num_attention_heads"),
                        c.integer("intermediate_size"),
                        Activation.named(c.text("hidden_act", "gelu")),
                        c.number("layer_norm_eps", 1e-5),
                        c.flag("do_stable_layer_norm", false)),
                new Positions(
                        c.integer("num_conv_pos_embeddings", 128),
                        c.integer("num_conv_pos_embedding_groups", 16)),
                c.integer("vocab_size"),
                loss(c));
    }

    private static Loss loss(PublicConfig c) {
        var reduction = c.text("ctc_loss_reduction", "sum");
        if (!reduction.equals("sum") && !reduction.equals("mean")) {
            throw c.wrong("ctc_loss_reduction", "is '%s'; known: sum, mean".formatted(reduction));
        }
        return new Loss(
                c.integer("pad_token_id", 0),
                reduction.equals("mean"),
                c.flag("ctc_zero_infinity", false));
    }
}
