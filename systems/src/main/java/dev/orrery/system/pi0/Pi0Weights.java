package dev.orrery.system.pi0;

import dev.orrery.checkpoint.NumpyArchive;
import dev.orrery.checkpoint.Weights;
import dev.orrery.flow.DataAt;
import dev.orrery.lm.GemmaConfig;
import dev.orrery.nn.Module;
import dev.orrery.nn.SinCosPeriods;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.vision.SiglipConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// Reads published π0 and π0.5 weights: LeRobot's folders (`config.json`, `model.safetensors`),
/// openpi's PyTorch exports, its JAX checkpoints and flat exports of them ([Pi0Jax]).
///
/// Sizes come from the weights themselves; what shapes cannot tell (head counts, the picture's
/// size) comes from `config.json`, else from the variant it names. Loading is strict: missing,
/// unexpected and misshapen names are listed together and nothing is loaded.
public final class Pi0Weights {

    static final String VLM = "paligemma_with_expert.paligemma.";
    private static final String TOWER = "model.vision_tower.vision_model.";
    static final String VISION = VLM + TOWER;
    static final String LANGUAGE = VLM + "model.language_model.";
    static final String EXPERT = "paligemma_with_expert.gemma_expert.model.";
    static final String WORDS = VLM + "lm_head.weight";
    static final String EMBEDDING = LANGUAGE + "embed_tokens.weight";

    /// A head of the expert that files have and nothing uses.
    static final String UNUSED = "paligemma_with_expert.gemma_expert.lm_head.weight";

    private static final Pattern LAYER = Pattern.compile("layers\\.(\\d+)\\.");

    private Pi0Weights() {}

    /// The network that published weights belong to, with the weights in it.
    ///
    /// @param weights a safetensors file, a folder or its index, an Orbax tree's, or a NumPy
    ///   archive
    /// @param config the folder's `config.json`
    /// @throws IllegalArgumentException if names or shapes do not fit
    public static Pi0 load(Path weights, JsonNode config) {
        try (var _ = TensorScope.open()) {
            boolean packed = Weights.isOrbax(weights);
            var tensors = packed ? read(weights, Pi0Weights::own) : read(weights);
            var sizes = sizes(tensors, config);
            var waves = periods(config, sizes.expert().width());
            var pi0 = Module.unset(() -> new Pi0(sizes, waves, Seed.of(0)));
            if (packed) pi0.adopt(tensors);
            else pi0.load(tensors);
            return pi0;
        }
    }

    /// Unpacked numbers as the network takes them over, which is how they are in memory once only.
    static Tensor own(String name, Tensor tensor) {
        if (tensor.isfinite().all().item() == 0) {
            throw new IllegalArgumentException(
                    "weights for Pi0: %s has values that are not finite".formatted(name));
        }
        return tensor.to(DType.F32).contiguous();
    }

    /// What a weight becomes, such as one of another type.
    interface Cast {
        Tensor of(String name, Tensor tensor);
    }

    /// Published weights under this network's names, in the types they have.
    static Map<String, Tensor> read(Path weights) {
        return read(weights, (_, tensor) -> tensor);
    }

    /// Published weights under this network's names, each cast when it is read.
    static Map<String, Tensor> read(Path weights, Cast cast) {
        if (!Weights.isOrbax(weights)) {
            boolean archive = weights.toString().endsWith(".npz");
            return cast(rename(archive ? NumpyArchive.read(weights) : Weights.read(weights)), cast);
        }
        Pi0Jax.require(weights);
        return Weights.read(weights, (name, t) -> cast(Pi0Jax.rename(Map.of(name, t)), cast));
    }

    private static Map<String, Tensor> cast(Map<String, Tensor> tensors, Cast cast) {
        var all = new LinkedHashMap<String, Tensor>();
        tensors.forEach((name, tensor) -> all.put(name, cast.of(name, tensor)));
        return all;
    }

    /// Weights of the shapes of published ones, to tell sizes from; packed ones are not unpacked.
    static Map<String, Tensor> outline(Path weights) {
        if (!Weights.isOrbax(weights)) return read(weights);
        Pi0Jax.require(weights);
        return rename(Weights.outline(weights));
    }

    /// Published names to this network's: the leading `model.` dropped, old spellings replaced, the
    /// tied embedding under one name, the expert's unused head left out.
    public static Map<String, Tensor> rename(Map<String, Tensor> published) {
        if (Pi0Jax.is(published.keySet())) {
            return Pi0Jax.rename(published);
        }
        var renamed = new LinkedHashMap<String, Tensor>();
        boolean pi0 = published.keySet().stream().anyMatch(n -> n.contains("state_proj."));
        for (var entry : published.entrySet()) {
            var name = rename(entry.getKey(), pi0);
            if (name.equals(UNUSED)) {
                continue;
            }
            // where a file has both, they need not agree: LeRobot trains the embedding alone
            if (spelled(entry.getKey()).equals(EMBEDDING)) {
                renamed.put(name, entry.getValue());
            } else {
                renamed.putIfAbsent(name, entry.getValue());
            }
        }
        return renamed;
    }

    static String rename(String published, boolean pi0) {
        var name = spelled(published);
        if (pi0 && name.startsWith("time_mlp_")) {
            name = "action_" + name;
        }
        return name.equals(EMBEDDING) ? WORDS : name;
    }

    /// A published name in the spelling of LeRobot's files, without their leading `model.`.
    static String spelled(String published) {
        var name = published.startsWith("model.") ? published.substring(6) : published;
        name = name.replace("paligemma.language_model.model.", "paligemma.model.language_model.");
        name = name.replace("paligemma.language_model.lm_head.", "paligemma.lm_head.");
        name = name.replace("paligemma.vision_tower.", "paligemma.model.vision_tower.");
        name =
                name.replace(
                        "paligemma.multi_modal_projector.",
                        "paligemma.model.multi_modal_projector.");
        // what transformers 5 writes lacks a part of the tower's name
        return name.replaceFirst("model\\.vision_tower\\.(?!vision_model\\.)", TOWER);
    }

    /// The sizes of a network from its renamed weights and its `config.json`.
    public static Pi0Config.Model sizes(Map<String, Tensor> weights, JsonNode config) {
        var tiny = config.path("_tiny");
        int language = heads(tiny.path("paligemma"), config.path("paligemma_variant"));
        int expert = heads(tiny.path("action_expert"), config.path("action_expert_variant"));
        boolean pi0 = weights.containsKey("state_proj.weight");
        var in = shape(weights, "action_in_proj.weight");
        int states =
                pi0
                        ? (int) shape(weights, "state_proj.weight")[1]
                        : config.path("max_state_dim").asInt((int) in[1]);
        var io =
                new Pi0Config.Io(
                        (int) shape(weights, WORDS)[0],
                        config.path("tokenizer_max_length").asInt(pi0 ? 48 : 200),
                        states,
                        (int) in[1],
                        config.path("chunk_size").asInt(config.path("action_horizon").asInt(50)),
                        DataAt.ZERO);
        return new Pi0Config.Model(
                pi0 ? Pi0Variant.PI0 : Pi0Variant.PI05,
                vision(weights, config),
                gemma(weights, LANGUAGE, language),
                gemma(weights, EXPERT, expert),
                io);
    }

    /// The periods of the time embedding: `min_period` and `max_period`, the published ones where
    /// they are missing.
    private static SinCosPeriods periods(JsonNode config, int width) {
        var usual = SinCosPeriods.pi0(width);
        return new SinCosPeriods(
                width,
                config.path("min_period").asDouble(usual.minPeriod()),
                config.path("max_period").asDouble(usual.maxPeriod()));
    }

    /// Fails where weights need a time embedding that a file of sizes has no place for.
    ///
    /// @throws IllegalArgumentException naming the periods
    static void requireUsualPeriods(JsonNode config) {
        var usual = SinCosPeriods.pi0(2);
        var own = periods(config, 2);
        if (!own.equals(usual)) {
            throw new IllegalArgumentException(
                    "config.json: min_period %s and max_period %s; only %s and %s can be kept here, serve the folder as it is"
                            .formatted(
                                    own.minPeriod(),
                                    own.maxPeriod(),
                                    usual.minPeriod(),
                                    usual.maxPeriod()));
        }
    }

    /// Query heads: as the fixture's sizes say, else as every published variant has, eight.
    static int heads(JsonNode sizes, JsonNode variant) {
        int published =
                switch (variant.asString("")) {
                    case "gemma_2b", "gemma_300m", "dummy", "" -> 8;
                    default ->
                            throw new IllegalArgumentException(
                                    "config.json: variant '%s' is not known; use gemma_2b, gemma_300m or dummy"
                                            .formatted(variant.asString()));
                };
        return sizes.path("num_heads").asInt(published);
    }

    static GemmaConfig gemma(Map<String, Tensor> weights, String prefix, int heads) {
        var query = shape(weights, prefix + "layers.0.self_attn.q_proj.weight");
        var key = shape(weights, prefix + "layers.0.self_attn.k_proj.weight");
        int headDim = (int) (query[0] / heads);
        return new GemmaConfig(
                (int) query[1],
                layers(weights, prefix),
                (int) shape(weights, prefix + "layers.0.mlp.gate_proj.weight")[0],
                heads,
                (int) (key[0] / headDim),
                headDim);
    }

    static SiglipConfig vision(Map<String, Tensor> weights, JsonNode config) {
        var patch = shape(weights, VISION + "embeddings.patch_embedding.weight");
        var tiny = config.path("_tiny").path("vision");
        int positions = (int) shape(weights, VISION + "embeddings.position_embedding.weight")[0];
        int side = (int) Math.round(Math.sqrt(positions)) * (int) patch[2];
        int size = tiny.path("image_size").asInt(side);
        return new SiglipConfig(
                (int) patch[0],
                layers(weights, VISION + "encoder."),
                tiny.path("num_attention_heads").asInt(16),
                (int) shape(weights, VISION + "encoder.layers.0.mlp.fc1.weight")[0],
                (int) patch[2],
                List.of(),
                List.of(size));
    }

    private static int layers(Map<String, Tensor> weights, String prefix) {
        int most = -1;
        for (var name : weights.keySet()) {
            var match = LAYER.matcher(name);
            if (name.startsWith(prefix) && match.find(prefix.length())) {
                most = Math.max(most, Integer.parseInt(match.group(1)));
            }
        }
        return most + 1;
    }

    private static long[] shape(Map<String, Tensor> weights, String name) {
        return need(weights, name).shape();
    }

    static Tensor need(Map<String, Tensor> weights, String name) {
        var tensor = weights.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException(
                    "these are not π0 weights: '%s' is missing; there are %d names, the first %s"
                            .formatted(
                                    name,
                                    weights.size(),
                                    weights.keySet().stream().limit(3).toList()));
        }
        return tensor;
    }
}
