package dev.orrery.lm.decoder;

import dev.orrery.lm.PublicConfig;
import dev.orrery.nn.Activation;
import dev.orrery.nn.AttentionConfig.Biases;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// The families of decoder-only models that are read from their public `config.json`.
///
/// Source: the published configurations and Hugging Face transformers.
public enum DecoderFamily {
    LLAMA("llama", "LlamaForCausalLM"),
    MISTRAL("mistral", "MistralForCausalLM"),
    QWEN2("qwen2", "Qwen2ForCausalLM"),
    QWEN3("qwen3", "Qwen3ForCausalLM"),
    GEMMA("gemma", "GemmaForCausalLM"),
    GEMMA2("gemma2", "Gemma2ForCausalLM"),
    GEMMA3("gemma3_text", "Gemma3ForCausalLM");

    private static final int GEMMA3_PATTERN = 6;

    private final String type;
    private final String architecture;

    DecoderFamily(String type, String architecture) {
        this.type = type;
        this.architecture = architecture;
    }

    /// The class that public configurations name.
    public String architecture() {
        return architecture;
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
                c.integer("vocab_size"),
                size(c, "hidden_size", 4096),
                size(c, "intermediate_size", 11_008),
                heads(c),
                style(c),
                positions(c),
                c.flag("tie_word_embeddings", isGemma()));
    }

    /// A size that only Llama's published configurations leave out: those inside other models, such
    /// as OpenVLA's, mean the seven billion parameters that the reference builds by default.
    private int size(PublicConfig c, String key, int llama) {
        return this == LLAMA ? c.integer(key, llama) : c.integer(key);
    }

    /// Most tokens, where a configuration does not say, as those inside other models do not.
    private int usualContext() {
        return switch (this) {
            case LLAMA -> 2048;
            case GEMMA, GEMMA2 -> 8192;
            case QWEN2, QWEN3 -> 32_768;
            case GEMMA3, MISTRAL -> 131_072;
        };
    }

    private DecoderConfig.Heads heads(PublicConfig c) {
        int count = size(c, "num_attention_heads", 32);
        int width = headWidth(c, count);
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
                c.integer("num_key_value_heads", this == GEMMA3 ? 4 : count),
                width,
                biases,
                this == QWEN3 || this == GEMMA3,
                scale,
                this == GEMMA2 ? c.number("attn_logit_softcapping", 0) : 0);
    }

    private int headWidth(PublicConfig c, int heads) {
        int usual =
                switch (this) {
                    case GEMMA, GEMMA2, GEMMA3 -> 256;
                    case QWEN3 -> 128;
                    case LLAMA, MISTRAL, QWEN2 -> size(c, "hidden_size", 4096) / heads;
                };
        return c.integer("head_dim", usual);
    }

    private DecoderConfig.Style style(PublicConfig c) {
        var usual = isGemma() ? "gelu_pytorch_tanh" : "silu";
        var named = c.text("hidden_activation", c.text("hidden_act", usual));
        // Gemma's first files say "gelu" and mean its tanh formula
        var activation = isGemma() && named.equals("gelu") ? usual : named;
        return new DecoderConfig.Style(
                c.number("rms_norm_eps", 1e-6),
                isGemma(),
                Activation.named(activation),
                this == GEMMA2 || this == GEMMA3,
                isGemma(),
                c.flag("mlp_bias", false),
                this == GEMMA2 ? c.number("final_logit_softcapping", 0) : 0);
    }

    private DecoderConfig.Positions positions(PublicConfig c) {
        int depth = size(c, "num_hidden_layers", 32);
        int context = c.integer("max_position_embeddings", usualContext());
        int heads = size(c, "num_attention_heads", 32);
        int width = (int) (headWidth(c, heads) * c.number("partial_rotary_factor", 1));
        var everywhere = RotaryReader.read(c, "full_attention", width, context);
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
        int window = c.integer("sliding_window", 0);
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
