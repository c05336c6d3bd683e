package dev.orrery.system.internvlam1;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.PublicYaml;
import dev.orrery.nn.Activation;
import dev.orrery.vision.vit.HubDino;
import dev.orrery.vision.vit.VitConfig;
import java.nio.file.Path;
import java.util.Map;

/// The sizes of a published InternVLA-M1, as its `config.yaml` names them.
///
/// @param dino the second tower
/// @param vlm channels of the vision-language model
/// @param layers which of its hidden states are looked into
/// @param queries the query transformer
/// @param expert the action expert
record PublishedSizes(
        HubDino.Config dino,
        int vlm,
        Layers layers,
        QueryTransformer.Size queries,
        ActionDit.Size expert) {

    static final String FILE = "config.yaml";

    private static final int TRAINED = 518, PATCH = 14, QUERY_HEADS = 8;
    private static final double EPSILON = 1e-6, DROPOUT = .1;

    private static final Map<String, Integer> WIDTHS =
            Map.of("dinov2_vits14", 384, "dinov2_vitb14", 768, "dinov2_vitl14", 1024);

    /// Hidden states of the vision-language model: 0 is what goes into its first layer, the last is
    /// what comes out, normalised.
    ///
    /// @param from the first
    /// @param until the one after the last
    record Layers(int from, int until) {
        int count() {
            return until - from;
        }
    }

    /// The published model of four billion parameters: Qwen2.5-VL-3B, ViT-S/14, DiT-B.
    static PublishedSizes paper() {
        return new PublishedSizes(
                dino("dinov2_vits14"),
                2048,
                new Layers(36, 37),
                new QueryTransformer.Size(2048, 768, 64, 1, QUERY_HEADS, DROPOUT),
                dit("DiT-B", 7, 16, 64));
    }

    /// Reads `config.yaml` of a folder.
    ///
    /// @param vlm channels of the vision-language model, by its own configuration
    /// @throws CheckpointException naming the key that is missing or does not fit
    static PublishedSizes read(Path folder, int vlm) {
        return read(PublicYaml.read(folder.resolve(FILE)), vlm);
    }

    private static PublishedSizes read(PublicConfig config, int vlm) {
        var framework = object(config, "framework");
        var looking = object(framework, "layer_qformer");
        var acting = object(framework, "action_model");
        var layers =
                new Layers(
                        looking.integer("qformer_start_layer"),
                        looking.integer("qformer_end_layer"));
        if (layers.from() < 0 || layers.count() < 1) {
            throw looking.wrong(
                    "qformer_end_layer",
                    "is %d, qformer_start_layer %d; at least one layer must lie between them"
                            .formatted(layers.until(), layers.from()));
        }
        if (acting.integer("past_action_window_size", 0) != 0) {
            throw acting.wrong(
                    "past_action_window_size",
                    "is %d; past actions are not read, as in the published code"
                            .formatted(acting.integer("past_action_window_size")));
        }
        int width = acting.integer("action_hidden_dim");
        int queries = looking.integer("num_query_tokens", 64);
        // the published code spells it so
        int told = looking.integer("ouptput_dim", looking.integer("output_dim", width));
        int input = looking.integer("input_dim", vlm);
        var expert =
                dit(
                        acting,
                        acting.integer("action_dim"),
                        acting.integer("future_action_window_size") + 1,
                        queries);
        check(acting, "action_hidden_dim", width, expert.width());
        check(looking, "ouptput_dim", told, width);
        check(looking, "input_dim", input, vlm);
        var eye =
                framework
                        .object("dino")
                        .map(d -> d.text("dino_backbone", "dinov2_vits14"))
                        .orElse("dinov2_vits14");
        if (!WIDTHS.containsKey(eye)) {
            throw framework.wrong(
                    "dino.dino_backbone", "is '%s'; known are %s".formatted(eye, WIDTHS.keySet()));
        }
        return new PublishedSizes(
                dino(eye),
                vlm,
                layers,
                new QueryTransformer.Size(
                        input, told, queries, layers.count(), QUERY_HEADS, DROPOUT),
                expert);
    }

    private static PublicConfig object(PublicConfig config, String key) {
        return config.object(key).orElseThrow(() -> config.wrong(key, "is missing"));
    }

    private static void check(PublicConfig config, String key, int is, int needed) {
        if (is != needed) {
            throw config.wrong(key, "is %d, the model around it has %d".formatted(is, needed));
        }
    }

    private static ActionDit.Size dit(PublicConfig config, int dims, int chunk, int queries) {
        var type = config.text("action_model_type", "DiT-B");
        try {
            return dit(type, dims, chunk, queries);
        } catch (IllegalArgumentException e) {
            throw config.wrong("action_model_type", String.valueOf(e.getMessage()));
        }
    }

    private static ActionDit.Size dit(String type, int dims, int chunk, int queries) {
        return switch (type) {
            case "DiT-S" -> new ActionDit.Size(dims, chunk, 384, 6, 4, queries);
            case "DiT-B" -> new ActionDit.Size(dims, chunk, 768, 12, 12, queries);
            case "DiT-L" -> new ActionDit.Size(dims, chunk, 1024, 24, 16, queries);
            default ->
                    throw new IllegalArgumentException(
                            "is '%s'; known are DiT-S, DiT-B and DiT-L".formatted(type));
        };
    }

    private static HubDino.Config dino(String name) {
        int width = java.util.Objects.requireNonNull(WIDTHS.get(name));
        int depth = width == 1024 ? 24 : 12;
        return new HubDino.Config(
                new VitConfig(width, depth, width / 64, 4 * width, Activation.GELU, EPSILON),
                TRAINED,
                PATCH);
    }
}
