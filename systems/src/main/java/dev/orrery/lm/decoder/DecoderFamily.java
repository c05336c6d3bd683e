package dev.orrery.lm.decoder;

import dev.orrery.lm.PublicConfig;
import dev.orrery.nn.Activation;
import dev.orrery.nn.AttentionConfig.Biases;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/// The families of decoder-only models that are read from their public `config.json`.
///
/// Source: the published configurations and Hugging Face transformers.
public enum DecoderFamily {
    LLAMA("llama", "Llama", new Usual(4096, 11_008, 32, 32, 0)),
    MISTRAL("mistral", "Mistral", new Usual(4096, 14_336, 32, 32, 8)),
    QWEN2("qwen2", "Qwen2", new Usual(4096, 22_016, 32, 32, 0)),
    QWEN3("qwen3", "Qwen3", new Usual(4096, 22_016, 32, 32, 0)),
    GEMMA("gemma", "Gemma", new Usual(3072, 24_576, 28, 16, 16)),
    GEMMA2("gemma2", "Gemma2", new Usual(2304, 9216, 26, 8, 4)),
    GEMMA3("gemma3_text", "Gemma3", new Usual(2304, 9216, 26, 8, 4));
    private static final int GEMMA3_PATTERN = 6, GEMMA3_WORDS = 262_208, WINDOW = 4096;

    private final String type;
    private final String name;
    private final Usual usual;

    DecoderFamily(String type, String name, Usual usual) {
        this.type = type;
        this.name = name;
        this.usual = usual;
    }

    /// What the reference builds where a configuration does not say, as those inside other models
    /// often do not.
    ///
    /// @param keyValue key and value heads, 0 for as many as there are heads
    private record Usual(int width, int mlp, int depth, int heads, int keyValue) {}

    /// The class that public configurations name.
    public String architecture() {
        return name + "ForCausalLM";
    }

    /// The class of the transformer alone, without its output layer.
    public String transformer() {
        return this == GEMMA3 ? "Gemma3TextModel" : name + "Model";
    }

    /// Whether a `model_type` is one of them.
    public static boolean knows(String type) {
        return Arrays.stream(values()).anyMatch(f -> f.type.equals(type));
    }

    /// Reads a public configuration.
    ///
    /// @throws dev.orrery.checkpoint.CheckpointException naming the key that is missing, misshapen
    ///   or not known here
    public static DecoderConfig read(PublicConfig config) {
        var type = config.text("model_type", "");
        return Arrays.stream(values())
                .filter(f -> f.type.equals(type))
                .findFirst()
                .orElseThrow(() ->
                        config.wrong(
                                "model_type",
                                "is '%s'; decoders that are known: %s"
                                        .formatted(
                                                type,
                                                Arrays.stream(values())
                                                        .map(f -> f.type)
                                                        .collect(Collectors.joining(", ")))))
                .decoder(config);
    }

    private boolean isGemma() {
        return this == GEMMA || this == GEMMA2 || this == GEMMA3;
    }

    /// Reads the configuration of a model of this family that goes by another name, such as the
    /// language model inside a vision-language model.
    public DecoderConfig decoder(PublicConfig c) {
        return new DecoderConfig(
                this == GEMMA3 ? c.integer("vocab_size", GEMMA3_WORDS) : c.integer("vocab_size"),
                c.integer("hidden_size", usual.width()),
                c.integer("intermediate_size", usual.mlp()),
                heads(c),
                style(c),
                positions(c),
                c.flag("tie_word_embeddings", isGemma()),
                c.integer("pad_token_id", isGemma() ? OptionalLong.of(0) : OptionalLong.empty()));
    }

    /// Most tokens, where a configuration does not say.
    private int usualContext() {
        return switch (this) {
            case LLAMA -> 2048;
            case GEMMA, GEMMA2 -> 8192;
            case QWEN2, QWEN3 -> 32_768;
            case GEMMA3, MISTRAL -> 131_072;
        };
    }

    private DecoderConfig.Heads heads(PublicConfig c) {
        int count = c.integer("num_attention_heads", usual.heads());
        int width = headWidth(c, count);
        boolean shared = usual.keyValue() > 0 && !c.names("num_key_value_heads");
        double scale =
                this == GEMMA2 || this == GEMMA3
                        ? Math.pow(c.number("query_pre_attn_scalar", 256), -0.5)
                        : Math.pow(width, -0.5);
        var biases =
                this == QWEN2
                        ? Biases.INPUTS
                        : c.flag("attention_bias", false) ? Biases.ALL : Biases.NONE;
        return new DecoderConfig.Heads(
                count,
                c.integer("num_key_value_heads", shared ? usual.keyValue() : count),
                width,
                biases,
                this == QWEN3 || this == GEMMA3,
                scale,
                this == GEMMA2 ? c.numberOrNone("attn_logit_softcapping", 50) : 0);
    }

    private int headWidth(PublicConfig c, int heads) {
        int own =
                switch (this) {
                    case GEMMA, GEMMA2, GEMMA3 -> 256;
                    case QWEN3 -> 128;
                    case LLAMA, MISTRAL, QWEN2 -> c.integer("hidden_size", usual.width()) / heads;
                };
        return c.integer("head_dim", own);
    }

    private DecoderConfig.Style style(PublicConfig c) {
        var tanh = "gelu_pytorch_tanh";
        var named =
                switch (this) {
                    case GEMMA2, GEMMA3 -> c.text("hidden_activation", tanh);
                    case GEMMA -> c.text("hidden_activation", c.text("hidden_act", tanh));
                    case LLAMA, MISTRAL, QWEN2, QWEN3 -> c.text("hidden_act", "silu");
                };
        // Gemma's first files say "gelu" and mean its tanh formula
        var activation = this == GEMMA && named.equals("gelu") ? tanh : named;
        return new DecoderConfig.Style(
                c.number("rms_norm_eps", 1e-6),
                isGemma(),
                Activation.named(activation),
                this == GEMMA2 || this == GEMMA3,
                isGemma(),
                c.flag("mlp_bias", false),
                logitCap(c));
    }

    /// Gemma 2 caps unless a configuration says that it does not, Gemma 3 only if it says so.
    private double logitCap(PublicConfig c) {
        return switch (this) {
            case GEMMA2 -> c.numberOrNone("final_logit_softcapping", 30);
            case GEMMA3 -> c.number("final_logit_softcapping", 0);
            case LLAMA, MISTRAL, QWEN2, QWEN3, GEMMA -> 0;
        };
    }

    private DecoderConfig.Positions positions(PublicConfig c) {
        if (this == GEMMA3 && c.flag("use_bidirectional_attention", false)) {
            throw c.unsupported("use_bidirectional_attention", "is true, of an encoder");
        }
        int depth = c.integer("num_hidden_layers", usual.depth());
        int context = c.integer("max_position_embeddings", usualContext());
        int heads = c.integer("num_attention_heads", usual.heads());
        int width = (int) (headWidth(c, heads) * c.number("partial_rotary_factor", 1));
        var everywhere =
                RotaryReader.read(c, "full_attention", width, context, this == GEMMA3 ? 1e6 : 1e4);
        var near = this == GEMMA3 ? RotaryReader.local(c, width, context) : everywhere;
        var layers = new ArrayList<DecoderConfig.Positions.Layer>();
        for (int i = 0; i < depth; i++) {
            int window = window(c, i);
            layers.add(new DecoderConfig.Positions.Layer(window > 0 ? near : everywhere, window));
        }
        return new DecoderConfig.Positions(layers, RotaryReader.sections(c), context);
    }

    /// How many tokens layer `i` sees, 0 for all.
    private int window(PublicConfig c, int i) {
        int window = (int) c.numberOrNone("sliding_window", WINDOW);
        List<String> types = c.texts("layer_types");
        if (!types.isEmpty()) {
            if (i >= types.size()) {
                throw c.wrong("layer_types", "names %d layers only".formatted(types.size()));
            }
            return types.get(i).equals("sliding_attention") ? window : 0;
        }
        boolean slides =
                switch (this) {
                    case LLAMA, GEMMA -> false;
                    case MISTRAL -> true;
                    case QWEN2, QWEN3 ->
                            c.flag("use_sliding_window", false)
                                    && i >= c.integer("max_window_layers", 28);
                    case GEMMA2 -> i % 2 == 0;
                    case GEMMA3 ->
                            (i + 1) % c.integer("sliding_window_pattern", GEMMA3_PATTERN) != 0;
                };
        return slides ? window : 0;
    }
}
