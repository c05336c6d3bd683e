package dev.orrery.system.pi0;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.checkpoint.Safetensors;
import dev.orrery.run.ConfigBinder;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The tiny networks of the reference, laid out as openpi's JAX code does, come back as they were.
class Pi0JaxTest {

    private static final long HEADS = 8, SEEING_HEADS = 4, LAYERS = 2;

    @TempDir Path folder;

    private static Path golden(String name) throws Exception {
        return Path.of(Pi0JaxTest.class.getResource("/goldens/" + name).toURI());
    }

    private static Tensor stack(Map<String, Tensor> own, String name) {
        var all = new ArrayList<Tensor>();
        for (int i = 0; i < LAYERS; i++) {
            all.add(own.get(name.formatted(i)));
        }
        return Tensor.stack(all, 0);
    }

    private static Tensor turned(Tensor stacked) {
        return stacked.permute(0, 2, 1);
    }

    /// Weights `(L, N * H, D)` as `(L, N, D, H)`.
    private static Tensor split(Tensor stacked, long heads) {
        return stacked.reshape(LAYERS, heads, -1, stacked.size(2)).permute(0, 1, 3, 2);
    }

    static Map<String, Tensor> jax(Map<String, Tensor> own, boolean adaptive) {
        var out = new LinkedHashMap<String, Tensor>();
        see(own, out);
        speak(own, out, "paligemma_with_expert.paligemma.model.language_model.", "", false);
        speak(own, out, "paligemma_with_expert.gemma_expert.model.", "_1", adaptive);
        out.put(
                "PaliGemma/llm/embedder/input_embedding",
                own.get("paligemma_with_expert.paligemma.lm_head.weight"));
        own.forEach((name, t) -> {
            if (!name.startsWith("paligemma")) {
                boolean weight = name.endsWith(".weight");
                var stem = name.substring(0, name.lastIndexOf('.'));
                out.put(stem + (weight ? "/kernel" : "/bias"), weight ? t.t() : t);
            }
        });
        return out;
    }

    private static void see(Map<String, Tensor> own, Map<String, Tensor> out) {
        var v = "paligemma_with_expert.paligemma.model.vision_tower.vision_model.";
        var p = "paligemma_with_expert.paligemma.model.multi_modal_projector.linear.";
        var img = "PaliGemma/img/";
        out.put(
                img + "embedding/kernel",
                own.get(v + "embeddings.patch_embedding.weight").permute(2, 3, 1, 0));
        out.put(img + "embedding/bias", own.get(v + "embeddings.patch_embedding.bias"));
        out.put(
                img + "pos_embedding",
                own.get(v + "embeddings.position_embedding.weight").unsqueeze(0));
        out.put(img + "Transformer/encoder_norm/scale", own.get(v + "post_layernorm.weight"));
        out.put(img + "Transformer/encoder_norm/bias", own.get(v + "post_layernorm.bias"));
        out.put(img + "head/kernel", own.get(p + "weight").t());
        out.put(img + "head/bias", own.get(p + "bias"));
        var b = img + "Transformer/encoderblock/";
        var l = v + "encoder.layers.%d.";
        for (int i = 0; i < 2; i++) {
            out.put(
                    b + "LayerNorm_" + i + "/scale",
                    stack(own, l + "layer_norm" + (i + 1) + ".weight"));
            out.put(
                    b + "LayerNorm_" + i + "/bias",
                    stack(own, l + "layer_norm" + (i + 1) + ".bias"));
            var dense = b + "MlpBlock_0/Dense_" + i;
            out.put(dense + "/kernel", turned(stack(own, l + "mlp.fc" + (i + 1) + ".weight")));
            out.put(dense + "/bias", stack(own, l + "mlp.fc" + (i + 1) + ".bias"));
        }
        var a = b + "MultiHeadDotProductAttention_0/";
        for (var what : List.of("query", "key", "value")) {
            var name = l + "self_attn." + what.charAt(0) + "_proj.";
            out.put(
                    a + what + "/kernel",
                    split(stack(own, name + "weight"), SEEING_HEADS).permute(0, 2, 1, 3));
            out.put(
                    a + what + "/bias",
                    stack(own, name + "bias").reshape(LAYERS, SEEING_HEADS, -1));
        }
        var w = stack(own, l + "self_attn.out_proj.weight");
        out.put(a + "out/kernel", turned(w).reshape(LAYERS, SEEING_HEADS, -1, w.size(1)));
        out.put(a + "out/bias", stack(own, l + "self_attn.out_proj.bias"));
    }

    private static void speak(
            Map<String, Tensor> own,
            Map<String, Tensor> out,
            String from,
            String end,
            boolean adaptive) {
        var llm = "PaliGemma/llm/layers/";
        var l = from + "layers.%d.";
        var q = stack(own, l + "self_attn.q_proj.weight");
        out.put(llm + "attn/q_einsum" + end + "/w", split(q, HEADS));
        var k = split(stack(own, l + "self_attn.k_proj.weight"), 1);
        var v = split(stack(own, l + "self_attn.v_proj.weight"), 1);
        out.put(llm + "attn/kv_einsum" + end + "/w", Tensor.stack(List.of(k, v), 1));
        var o = stack(own, l + "self_attn.o_proj.weight");
        out.put(
                llm + "attn/attn_vec_einsum" + end + "/w",
                turned(o).reshape(LAYERS, HEADS, -1, o.size(1)));
        var gate = turned(stack(own, l + "mlp.gate_proj.weight"));
        var up = turned(stack(own, l + "mlp.up_proj.weight"));
        out.put(llm + "mlp" + end + "/gating_einsum", Tensor.stack(List.of(gate, up), 1));
        out.put(llm + "mlp" + end + "/linear", turned(stack(own, l + "mlp.down_proj.weight")));
        var norms =
                Map.of(
                        "pre_attention_norm",
                        "input_layernorm",
                        "pre_ffw_norm",
                        "post_attention_layernorm");
        norms.forEach((jax, torch) -> {
            if (adaptive) {
                var dense = llm + jax + end + "/Dense_0/";
                out.put(dense + "kernel", turned(stack(own, l + torch + ".dense.weight")));
                out.put(dense + "bias", stack(own, l + torch + ".dense.bias"));
            } else {
                out.put(llm + jax + end + "/scale", stack(own, l + torch + ".weight"));
            }
        });
        var last = "PaliGemma/llm/final_norm" + end;
        if (adaptive) {
            out.put(last + "/Dense_0/kernel", own.get(from + "norm.dense.weight").t());
            out.put(last + "/Dense_0/bias", own.get(from + "norm.dense.bias"));
        } else {
            out.put(last + "/scale", own.get(from + "norm.weight"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pi0", "pi05"})
    void everyParameterComesBack(String name) throws Exception {
        try (var _ = TensorScope.open()) {
            var own = Pi0Weights.read(golden(name).resolve("weights.safetensors"));
            var jax = jax(own, name.equals("pi05"));
            assertThat(jax.get("PaliGemma/llm/layers/attn/q_einsum/w").shape())
                    .containsExactly(2, 8, 64, 8);
            assertThat(jax.get("PaliGemma/llm/layers/attn/kv_einsum_1/w").shape())
                    .containsExactly(2, 2, 1, 32, 8);
            assertThat(jax.get("PaliGemma/llm/layers/mlp/gating_einsum").shape())
                    .containsExactly(2, 2, 64, 96);
            var back = Pi0Weights.rename(jax);
            assertThat(back.keySet()).isEqualTo(own.keySet());
            own.forEach((n, t) -> assertThat(back.get(n).equal(t)).as(n).isTrue());
        }
    }

    @Test
    void aFlatExportIsConvertedWhateverJoinsItsNames() throws Exception {
        var file = folder.resolve("jax.safetensors");
        try (var _ = TensorScope.open()) {
            var own = Pi0Weights.read(golden("pi0").resolve("weights.safetensors"));
            var flat = new LinkedHashMap<String, Tensor>();
            jax(own, false)
                    .forEach((n, t) -> flat.put("params." + n.replace('/', '.') + ".value", t));
            Safetensors.write(file, flat);
        }
        java.nio.file.Files.copy(
                golden("pi0").resolve("config.json"), folder.resolve("config.json"));
        var to = folder.resolve("out");
        var result = Pi0Convert.run(file, to, Pi0Convert.Layout.LEROBOT, Optional.empty());
        assertThat(result.warnings()).anyMatch(w -> w.contains("no statistics"));
        try (var _ = TensorScope.open()) {
            var wanted = Safetensors.read(golden("pi0").resolve("weights.safetensors"));
            var got = Safetensors.read(to);
            assertThat(got.keySet()).isEqualTo(wanted.keySet());
            got.forEach((n, t) -> {
                if (!n.contains("gemma_expert.lm_head")) {
                    assertThat(t.equal(wanted.get(n))).as(n).isTrue();
                }
            });
        }
    }

    @Test
    void adaptersAndMissingPartsAreListed() throws Exception {
        try (var _ = TensorScope.open()) {
            var own = Pi0Weights.read(golden("pi0").resolve("weights.safetensors"));
            var jax = jax(own, false);
            jax.put("PaliGemma/llm/layers/attn/q_einsum/lora_a", Tensor.zeros(2, 8, 64, 4));
            jax.remove("PaliGemma/img/head/bias");
            var file = folder.resolve("jax.safetensors");
            Safetensors.write(file, jax);
            var config = ConfigBinder.readObject(golden("pi0").resolve("config.json"));
            assertThatThrownBy(() -> Pi0Weights.load(file, config))
                    .hasMessageContaining("missing 1 [")
                    .hasMessageContaining("multi_modal_projector.linear.bias")
                    .hasMessageContaining(
                            "unexpected 1 [PaliGemma/llm/layers/attn/q_einsum/lora_a");
        }
    }
}
