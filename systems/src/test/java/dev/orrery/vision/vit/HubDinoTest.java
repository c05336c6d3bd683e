package dev.orrery.vision.vit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.lm.Trace;
import dev.orrery.nn.Activation;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// [HubDino] against [Dinov2], which golden fixtures prove, with the same weights.
class HubDinoTest {

    private static final VitConfig LAYERS = new VitConfig(12, 2, 3, 24, Activation.GELU, 1e-6);

    private final TensorScope scope = TensorScope.open();
    private final Grad plain = Grad.disabled();
    private final Dinov2 other =
            new Dinov2(new Dinov2.Config(LAYERS, 16, 4, 0, false, false, true), Seed.of(1));
    private final HubDino hub = new HubDino(new HubDino.Config(LAYERS, 16, 4), Seed.of(2));

    @BeforeEach
    void load() {
        hub.load(renamed(other.stateDict()));
    }

    @AfterEach
    void close() {
        other.close();
        hub.close();
        plain.close();
        scope.close();
    }

    private static Map<String, Tensor> renamed(Map<String, Tensor> state) {
        var own = new LinkedHashMap<String, Tensor>();
        own.put("cls_token", at(state, "embeddings.cls_token"));
        own.put("pos_embed", at(state, "embeddings.position_embeddings"));
        for (var part : List.of("weight", "bias")) {
            own.put(
                    "patch_embed.proj." + part,
                    at(state, "embeddings.patch_embeddings.projection." + part));
            own.put("norm." + part, at(state, "layernorm." + part));
            for (int i = 0; i < 2; i++) block(i, part, state, own);
        }
        return own;
    }

    private static void block(
            int i, String part, Map<String, Tensor> state, Map<String, Tensor> own) {
        var from = "encoder.layer.%d.".formatted(i);
        var to = "blocks.%d.".formatted(i);
        var heads =
                List.of("query.", "key.", "value.").stream()
                        .map(name -> at(state, from + "attention.attention." + name + part))
                        .toList();
        own.put(to + "attn.qkv." + part, Tensor.cat(heads, 0));
        own.put(to + "attn.proj." + part, at(state, from + "attention.output.dense." + part));
        for (var name : List.of("norm1.", "norm2.", "mlp.fc1.", "mlp.fc2.")) {
            own.put(to + name + part, at(state, from + name + part));
        }
        own.put(to + "ls1.gamma", at(state, from + "layer_scale1.lambda1"));
        own.put(to + "ls2.gamma", at(state, from + "layer_scale2.lambda1"));
    }

    private static Tensor at(Map<String, Tensor> state, String name) {
        return Optional.ofNullable(state.get(name)).orElseThrow();
    }

    @Test
    void picturesOfTheTrainedSizeGiveTheSameTokens() {
        var images = Seed.of(3).normal(2, 3, 16, 16);
        var found = hub.forward(images);
        assertThat(found.shape()).containsExactly(2, 16, 12);
        assertThat(off(found, images, 16)).isLessThan(1e-5);
    }

    @Test
    void otherSizesGetPositionsByTheScaleOfItsOwnCode() {
        var images = Seed.of(3).normal(1, 3, 8, 12);
        var found = hub.forward(images);
        assertThat(found.shape()).containsExactly(1, 6, 12);
        assertThat(off(found, images, 6)).as("not quite the other's").isBetween(1e-6, .1);
    }

    private double off(Tensor found, Tensor images, int patches) {
        var wanted = other.forward(images, Trace.silent()).narrow(1, 1, patches);
        return found.sub(wanted).abs().max().item();
    }
}
