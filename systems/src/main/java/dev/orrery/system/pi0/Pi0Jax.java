package dev.orrery.system.pi0;

import dev.orrery.checkpoint.StoredTensor;
import dev.orrery.checkpoint.Weights;
import dev.orrery.tensor.Tensor;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/// The parameters of openpi's JAX checkpoints under this network's names.
///
/// They are read as Orbax saved them, or from a flat export, safetensors or a NumPy archive, under
/// the tree's names joined by `/` or `.`, such as `PaliGemma/llm/layers/attn/q_einsum/w`; `params/`
/// in front and `/value` behind do not matter. Layers are stacked along the first axis there. The
/// expert's names end in `_1`.
///
/// Source: openpi's `convert_jax_model_to_pytorch`.
final class Pi0Jax {

    private static final Pattern ENDS = Pattern.compile("^(params/)?(PaliGemma/)?|/value$");
    private static final String BLOCK = "img/Transformer/encoderblock/";
    private static final String HEADS = BLOCK + "MultiHeadDotProductAttention_0/";
    private static final Set<String> PLAIN =
            Set.of(
                    "state_proj",
                    "action_in_proj",
                    "action_out_proj",
                    "action_time_mlp_in",
                    "action_time_mlp_out",
                    "time_mlp_in",
                    "time_mlp_out");

    private final Map<String, Tensor> named = new LinkedHashMap<>();

    private Pi0Jax() {}

    /// Whether names are those of a JAX checkpoint.
    static boolean is(Collection<String> names) {
        return names.stream().map(Pi0Jax::tidy).anyMatch(n -> n.startsWith("llm/layers/"));
    }

    /// Whether a folder holds the tree of such a checkpoint, as Orbax saved it.
    static boolean isIn(Path folder) {
        return Weights.isOrbax(folder) && is(names(folder));
    }

    /// Whether what a folder holds is a π0-FAST's.
    static boolean isFastIn(Path folder) {
        return Weights.isOrbax(folder) && isFast(names(folder));
    }

    /// A π0-FAST has no projections of actions.
    private static boolean isFast(Collection<String> names) {
        return is(names) && names.stream().noneMatch(name -> PLAIN.contains(first(tidy(name))));
    }

    /// Fails where Orbax saved another tree, or a π0-FAST's.
    ///
    /// @throws IllegalArgumentException naming what is there
    static void require(Path folder) {
        var names = names(folder);
        if (!is(names)) {
            throw new IllegalArgumentException(
                    "%s holds no π0 weights: there are %d arrays, the first %s"
                            .formatted(folder, names.size(), names.stream().limit(3).toList()));
        }
        if (isFast(names)) {
            throw new IllegalArgumentException(
                    "%s is a π0-FAST of openpi, which is not opened: its prompts and answers are worded otherwise than LeRobot's; use one of LeRobot's"
                            .formatted(folder));
        }
    }

    private static List<String> names(Path folder) {
        return Weights.inspect(folder).getFirst().tensors().stream()
                .map(StoredTensor::name)
                .toList();
    }

    private static String first(String name) {
        return name.substring(0, Math.max(0, name.indexOf('/')));
    }

    private static String tidy(String name) {
        return ENDS.matcher(name.replace('.', '/')).replaceAll("");
    }

    /// Every parameter under this network's name; one that is not known keeps its own, so that
    /// strict loading lists it.
    static Map<String, Tensor> rename(Map<String, Tensor> published) {
        var jax = new Pi0Jax();
        published.forEach((name, tensor) -> {
            if (!jax.take(tidy(name), tensor)) {
                jax.named.put(name, tensor);
            }
        });
        return jax.named;
    }

    private boolean take(String name, Tensor t) {
        return project(name, t) || see(name, t) || speak(name, t);
    }

    private boolean project(String name, Tensor t) {
        var first = first(name);
        return PLAIN.contains(first) && dense(name, first, first, t);
    }

    /// A linear map: `kernel` is the weight transposed.
    private boolean dense(String name, String from, String to, Tensor t) {
        if (name.equals(from + "/kernel")) {
            named.put(to + ".weight", t.t());
        } else if (name.equals(from + "/bias")) {
            named.put(to + ".bias", t);
        } else {
            return false;
        }
        return true;
    }

    private boolean see(String name, Tensor t) {
        var vision = Pi0Weights.VISION;
        switch (name) {
            case "img/embedding/kernel" ->
                    named.put(vision + "embeddings.patch_embedding.weight", t.permute(3, 2, 0, 1));
            case "img/embedding/bias" -> named.put(vision + "embeddings.patch_embedding.bias", t);
            case "img/pos_embedding" ->
                    named.put(
                            vision + "embeddings.position_embedding.weight",
                            t.reshape(-1, t.size(-1)));
            case "img/Transformer/encoder_norm/scale" ->
                    named.put(vision + "post_layernorm.weight", t);
            case "img/Transformer/encoder_norm/bias" ->
                    named.put(vision + "post_layernorm.bias", t);
            default -> {
                return dense(
                                name,
                                "img/head",
                                Pi0Weights.VLM + "model.multi_modal_projector.linear",
                                t)
                        || block(name, t);
            }
        }
        return true;
    }

    private boolean block(String name, Tensor t) {
        var into = Pi0Weights.VISION + "encoder.layers.%d.";
        return switch (name.startsWith(BLOCK) ? name.substring(BLOCK.length()) : "") {
            case "LayerNorm_0/scale" -> layers(into + "layer_norm1.weight", t, x -> x);
            case "LayerNorm_0/bias" -> layers(into + "layer_norm1.bias", t, x -> x);
            case "LayerNorm_1/scale" -> layers(into + "layer_norm2.weight", t, x -> x);
            case "LayerNorm_1/bias" -> layers(into + "layer_norm2.bias", t, x -> x);
            case "MlpBlock_0/Dense_0/kernel" -> layers(into + "mlp.fc1.weight", t, Tensor::t);
            case "MlpBlock_0/Dense_0/bias" -> layers(into + "mlp.fc1.bias", t, x -> x);
            case "MlpBlock_0/Dense_1/kernel" -> layers(into + "mlp.fc2.weight", t, Tensor::t);
            case "MlpBlock_0/Dense_1/bias" -> layers(into + "mlp.fc2.bias", t, x -> x);
            default ->
                    heads(name, "query", into + "self_attn.q_proj", t)
                            || heads(name, "key", into + "self_attn.k_proj", t)
                            || heads(name, "value", into + "self_attn.v_proj", t)
                            || gather(name, into + "self_attn.out_proj", t);
        };
    }

    /// Kernels `(D, heads, H)` to weights `(heads * H, D)`.
    private boolean heads(String name, String what, String to, Tensor t) {
        if (name.equals(HEADS + what + "/kernel")) {
            return layers(to + ".weight", t, x -> x.reshape(x.size(0), -1).t());
        }
        return name.equals(HEADS + what + "/bias") && layers(to + ".bias", t, x -> x.reshape(-1));
    }

    /// Kernels `(heads, H, D)` to weights `(D, heads * H)`.
    private boolean gather(String name, String to, Tensor t) {
        if (name.equals(HEADS + "out/kernel")) {
            return layers(to + ".weight", t, x -> x.reshape(-1, x.size(-1)).t());
        }
        return name.equals(HEADS + "out/bias") && layers(to + ".bias", t, x -> x);
    }

    private boolean speak(String name, Tensor t) {
        if (name.equals("llm/embedder/input_embedding")) {
            named.put(Pi0Weights.WORDS, t);
            return true;
        }
        return speak(name, "", Pi0Weights.LANGUAGE, t) || speak(name, "_1", Pi0Weights.EXPERT, t);
    }

    private boolean speak(String name, String end, String into, Tensor t) {
        var layer = into + "layers.%d.";
        var attention = "llm/layers/attn/";
        var feed = "llm/layers/mlp" + end + "/";
        if (name.equals(attention + "q_einsum" + end + "/w")) {
            return layers(layer + "self_attn.q_proj.weight", t, Pi0Jax::rows);
        }
        if (name.equals(attention + "kv_einsum" + end + "/w")) {
            return layers(layer + "self_attn.k_proj.weight", t, x -> rows(x.select(0, 0)))
                    && layers(layer + "self_attn.v_proj.weight", t, x -> rows(x.select(0, 1)));
        }
        if (name.equals(attention + "attn_vec_einsum" + end + "/w")) {
            return layers(layer + "self_attn.o_proj.weight", t, x -> x.reshape(-1, x.size(-1)).t());
        }
        if (name.equals(feed + "gating_einsum")) {
            return layers(layer + "mlp.gate_proj.weight", t, x -> x.select(0, 0).t())
                    && layers(layer + "mlp.up_proj.weight", t, x -> x.select(0, 1).t());
        }
        if (name.equals(feed + "linear")) {
            return layers(layer + "mlp.down_proj.weight", t, Tensor::t);
        }
        return norm(name, "llm/layers/pre_attention_norm" + end, layer + "input_layernorm", t)
                || norm(
                        name,
                        "llm/layers/pre_ffw_norm" + end,
                        layer + "post_attention_layernorm",
                        t)
                || norm(name, "llm/final_norm" + end, into + "norm", t);
    }

    /// `(heads, D, H)` to `(heads * H, D)`.
    private static Tensor rows(Tensor x) {
        return x.permute(0, 2, 1).reshape(-1, x.size(1));
    }

    /// Plain norms have a scale; adaptive ones, π0.5's, a dense map.
    private boolean norm(String name, String from, String to, Tensor t) {
        Optional<UnaryOperator<Tensor>> how =
                name.equals(from + "/Dense_0/kernel")
                        ? Optional.of(Tensor::t)
                        : name.equals(from + "/scale") || name.equals(from + "/Dense_0/bias")
                                ? Optional.of(x -> x)
                                : Optional.empty();
        if (how.isEmpty()) {
            return false;
        }
        var leaf =
                name.endsWith("/scale")
                        ? ".weight"
                        : name.endsWith("/kernel") ? ".dense.weight" : ".dense.bias";
        if (to.contains("%d")) {
            return layers(to + leaf, t, how.get());
        }
        named.put(to + leaf, how.get().apply(t));
        return true;
    }

    private boolean layers(String to, Tensor stacked, UnaryOperator<Tensor> each) {
        for (long i = 0; i < stacked.size(0); i++) {
            named.put(to.formatted(i), each.apply(stacked.select(0, i)));
        }
        return true;
    }
}
