package dev.orrery.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.checkpoint.Safetensors;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Layers beside values of reference implementations, which the files' metadata name.
class ReferenceLayerTest {

    private static final Path LAYERS = Path.of("src/test/resources/layers");

    private static final class DecoderLayer extends Module {
        private final SelfAttention attention;
        private final GatedMlp mlp;
        private final RmsNorm before;
        private final RmsNorm between;

        DecoderLayer(AttentionConfig c, boolean gemma, double epsilon, Seed seed) {
            attention =
                    child(
                            "self_attn",
                            new SelfAttention(c, Visibility.causal(), seed.split("self_attn")));
            mlp =
                    child(
                            "mlp",
                            gemma
                                    ? GatedMlp.geGlu(64, 112, seed.split("mlp"))
                                    : GatedMlp.swiGlu(64, 112, seed.split("mlp")));
            before = child("input_layernorm", norm(gemma, epsilon));
            between = child("post_attention_layernorm", norm(gemma, epsilon));
        }

        private static RmsNorm norm(boolean gemma, double epsilon) {
            return gemma ? RmsNorm.onePlus(64, epsilon) : new RmsNorm(64, epsilon);
        }

        Tensor forward(Tensor x, AttentionContext context) {
            var seen = x.add(attention.forward(before.forward(x), context));
            return seen.add(mlp.forward(between.forward(seen)));
        }
    }

    private static DecoderLayer layer(String model) {
        return switch (model) {
            case "gemma" ->
                    new DecoderLayer(AttentionConfig.llama(64, 4, 1, 24), true, 1e-6, Seed.of(1));
            case "llama-gqa" ->
                    new DecoderLayer(AttentionConfig.llama(64, 4, 2, 16), false, 1e-5, Seed.of(1));
            case "llama3-rope" ->
                    new DecoderLayer(AttentionConfig.llama(64, 8, 2, 8), false, 1e-5, Seed.of(1));
            default ->
                    new DecoderLayer(
                            AttentionConfig.llama(64, 4, 2, 20)
                                    .withHeadNorm(new AttentionConfig.HeadNorm.Rms(1e-6)),
                            false,
                            1e-6,
                            Seed.of(1));
        };
    }

    private static Rotary rotary(String model) {
        return switch (model) {
            case "gemma" -> Rotary.halves(24, 10_000);
            case "llama-gqa" -> Rotary.halves(16, 10_000);
            case "llama3-rope" ->
                    new Rotary(
                            8,
                            500_000,
                            Rotary.Layout.HALVES,
                            new Rotary.Scaling.Llama3(8, 1, 4, 64));
            default -> Rotary.halves(20, 1_000_000);
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"gemma", "llama-gqa", "llama3-rope", "qwen3"})
    void decoderLayersGiveTheReferenceOutput(String model) {
        try (var _ = TensorScope.open();
                var layer = layer(model)) {
            var file =
                    new LinkedHashMap<>(Safetensors.read(LAYERS.resolve(model + ".safetensors")));
            var input = file.remove("input");
            var output = file.remove("output");
            var mask = file.remove("mask").to(DType.BOOL);
            layer.load(file);
            var context =
                    AttentionContext.of(Visibility.causalUnpadded(mask))
                            .rotated(rotary(model).upTo(input.size(1)));
            var real = mask.unsqueeze(-1);
            assertClose(
                    layer.forward(input, context).maskedFill(real.logicalNot(), 0),
                    output.maskedFill(real.logicalNot(), 0));

            // Row 0 has no padding: the same through a cache, in pieces of 5, 1 and the rest.
            var row = input.narrow(0, 0, 1);
            long length = row.size(1);
            try (var cache = new KvCache(length)) {
                var pieces = new java.util.ArrayList<Tensor>();
                for (long[] piece : new long[][] {{0, 5}, {5, 1}, {6, length - 6}}) {
                    var positions = Tensor.arange(piece[0], piece[0] + piece[1]);
                    var cached =
                            AttentionContext.of(Visibility.causal())
                                    .rotated(rotary(model).at(positions))
                                    .keptIn(cache);
                    pieces.add(layer.forward(row.narrow(1, piece[0], piece[1]), cached));
                }
                assertClose(Tensor.cat(pieces, 1), output.narrow(0, 0, 1));
            }
        }
    }

    private static final class SitBlock extends Module {
        private final SelfAttention attention;
        private final Mlp mlp;
        private final AdaptiveLayerNorm adaptive;

        SitBlock(Seed seed) {
            attention = child("attn", SelfAttention.full(48, 4, seed.split("attn")));
            mlp = child("mlp", new Mlp(48, 144, Activation.GELU_TANH, seed.split("mlp")));
            adaptive = child("adaLN_modulation", new AdaptiveLayerNorm(48, 48, 2, 1e-6));
        }

        Tensor forward(Tensor x, Tensor condition) {
            var m = adaptive.modulations(condition);
            var seen = m[0].residual(x, attention.forward(adaptive.forward(x, m[0])));
            return m[1].residual(seen, mlp.forward(adaptive.forward(seen, m[1])));
        }
    }

    @Test
    void aDiffusionTransformerBlockGivesTheReferenceOutput() {
        try (var _ = TensorScope.open();
                var block = new SitBlock(Seed.of(1));
                var times = new TimeEmbedding(DitTimestep.sit(256)::at, 256, 48, Seed.of(2));
                var patches = new Conv2d(4, 48, Window.patches(2), Seed.of(3))) {
            var file = Safetensors.read(LAYERS.resolve("sit.safetensors"));
            block.load(under(file, "blocks.0."));
            times.load(under(file, "t_embedder."));
            patches.load(under(file, "x_embedder.proj."));
            var t = file.get("t");
            assertClose(DitTimestep.sit(256).at(t), file.get("t_frequencies"));
            assertClose(times.forward(t), file.get("t_embed"));
            assertClose(SinCosPositions.grid(4, 4, 48).unsqueeze(0), file.get("pos_embed"));
            var tokens = patches.forward(file.get("x")).flatten(2, 3).transpose(1, 2);
            assertClose(tokens, file.get("patch_embed"));
            var condition = file.get("t_embed").add(file.get("y_embed"));
            var x = file.get("patch_embed").add(file.get("pos_embed"));
            assertClose(block.forward(x, condition), file.get("block_out.0"));
        }
    }

    @Test
    void theTimeConditionOfPi05IsTheReferenceOne() {
        try (var _ = TensorScope.open()) {
            var file = Safetensors.read(LAYERS.resolve("pi05.safetensors"));
            var in = new Linear(32, 32, Seed.of(1));
            var out = new Linear(32, 32, Seed.of(2));
            in.load(under(file, "time_mlp_in."));
            out.load(under(file, "time_mlp_out."));
            var embedded = SinCosPeriods.pi0(32).at(file.get("time"));
            var condition = Functional.silu(out.forward(Functional.silu(in.forward(embedded))));
            assertThat(condition.allclose(file.get("adarms_cond"), 1e-4, 5e-4)).isTrue();
        }
    }

    private static Map<String, Tensor> under(Map<String, Tensor> file, String prefix) {
        var part = new LinkedHashMap<String, Tensor>();
        file.forEach((name, tensor) -> {
            if (name.startsWith(prefix)) part.put(name.substring(prefix.length()), tensor);
        });
        return part;
    }

    private static void assertClose(Tensor actual, Tensor expected) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        double worst = actual.sub(expected).abs().sub(expected.abs().mul(1e-4)).max().item();
        assertThat(worst).isLessThanOrEqualTo(5e-5);
    }
}
