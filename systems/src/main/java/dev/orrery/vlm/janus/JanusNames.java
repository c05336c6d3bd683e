package dev.orrery.vlm.janus;

import dev.orrery.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// A Janus' names for those of published files: the transformers library's, or those of the files
/// that DeepSeek published first, whose vision tower is timm's.
final class JanusNames {

    private static final String VISION = "model.vision_model.";
    private static final String ROWS = "model.language_model.embed_tokens.weight";

    /// A pattern of a published name and what stands for it here.
    private record Rule(Pattern old, String own) {
        static Rule of(String old, String own) {
            return new Rule(Pattern.compile(old), own);
        }
    }

    /// In this order, each on what the others left.
    private static final List<Rule> FIRST =
            List.of(
                    Rule.of("^language_model\\.lm_head\\.", "lm_head."),
                    Rule.of("^language_model\\.model\\.", "model.language_model."),
                    Rule.of("^vision_model\\.vision_tower\\.", VISION),
                    Rule.of("^(model\\.vision_model\\.)blocks\\.", "$1encoder.layers."),
                    Rule.of(
                            "^(model\\.vision_model\\.)patch_embed\\.proj\\.",
                            "$1embeddings.patch_embedding."),
                    Rule.of("^(model\\.vision_model\\.)norm\\.", "$1post_layernorm."),
                    Rule.of("^(model\\.vision_model\\..*)\\.norm([12])\\.", "$1.layer_norm$2."),
                    Rule.of(
                            "^(model\\.vision_model\\..*)\\.attn\\.proj\\.",
                            "$1.self_attn.out_proj."),
                    Rule.of("^aligner\\.layers\\.0\\.", "model.aligner.fc1."),
                    Rule.of("^aligner\\.layers\\.2\\.", "model.aligner.hidden_layers.0."),
                    Rule.of("^gen_aligner\\.layers\\.0\\.", "model.generation_aligner.fc1."),
                    Rule.of(
                            "^gen_aligner\\.layers\\.2\\.",
                            "model.generation_aligner.hidden_layers.0."),
                    Rule.of("^gen_embed\\.", "model.generation_embeddings."),
                    Rule.of(
                            "^gen_head\\.output_mlp_projector\\.",
                            "model.generation_head.proj_out."),
                    Rule.of("^gen_head\\.vision_head\\.", "model.generation_head.vision_head."),
                    Rule.of("^gen_vision_model\\.", "model.vqmodel."),
                    Rule.of("\\.encoder\\.conv_blocks\\.", ".encoder.down."),
                    Rule.of("\\.decoder\\.conv_blocks\\.", ".decoder.up."),
                    Rule.of("\\.(down|up)\\.(\\d+)\\.res\\.", ".$1.$2.block."),
                    Rule.of("\\.mid\\.0\\.", ".mid.block_1."),
                    Rule.of("\\.mid\\.1\\.", ".mid.attn_1."),
                    Rule.of("\\.mid\\.2\\.", ".mid.block_2."));

    private JanusNames() {}

    /// Whether these are the names of the files that DeepSeek published.
    static boolean areFirst(Map<String, Tensor> state) {
        return state.keySet().stream().anyMatch(name -> name.startsWith("gen_vision_model."));
    }

    /// From the library's names.
    ///
    /// @param tied whether words are written by the rows they are read with
    static Map<String, Tensor> own(Map<String, Tensor> state, boolean tied) {
        var own = new LinkedHashMap<String, Tensor>();
        state.forEach((name, tensor) -> {
            if (isUsed(name)) own.put(later(name, "projection_layer", "out_proj"), tensor);
        });
        return untied(own, tied);
    }

    private static Map<String, Tensor> untied(Map<String, Tensor> own, boolean tied) {
        if (tied && own.containsKey(ROWS)) own.remove("lm_head.weight");
        return own;
    }

    private static String later(String name, String from, String to) {
        return name.startsWith(VISION)
                ? name.replace(".self_attn." + from + ".", ".self_attn." + to + ".")
                : name;
    }

    /// Counts of codes are of use to trainings only; timm's pooling is in the files and never run.
    private static boolean isUsed(String name) {
        return !name.endsWith("quantize.codebook_used") && !name.contains(".attn_pool.");
    }

    /// From DeepSeek's names.
    ///
    /// @param tied as above
    static Map<String, Tensor> ofFirst(Map<String, Tensor> state, boolean tied) {
        var own = new LinkedHashMap<String, Tensor>();
        state.forEach((name, tensor) -> {
            if (!isUsed(name)) return;
            var renamed = name;
            for (var rule : FIRST) renamed = rule.old().matcher(renamed).replaceFirst(rule.own());
            if (renamed.equals(VISION + "pos_embed")) {
                own.put(VISION + "embeddings.position_embedding.weight", tensor.squeeze(0));
            } else if (renamed.startsWith(VISION) && renamed.contains(".attn.qkv.")) {
                divide(renamed, tensor, own);
            } else {
                own.put(renamed, tensor);
            }
        });
        return untied(own, tied);
    }

    private static void divide(String name, Tensor joined, Map<String, Tensor> own) {
        var parts = joined.chunk(3, 0);
        var letters = List.of("q", "k", "v");
        for (int i = 0; i < letters.size(); i++) {
            var single = ".self_attn.%s_proj.".formatted(letters.get(i));
            own.put(name.replace(".attn.qkv.", single), parts.get(i));
        }
    }
}
