package dev.orrery.system.pi0;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.checkpoint.Safetensors;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class Pi0GoldenTest {

    @ParameterizedTest
    @ValueSource(strings = {"pi0", "pi05"})
    void everyTensorOfTheReferenceIsMet(String name) throws Exception {
        var folder = Path.of(getClass().getResource("/goldens/" + name).toURI());
        var fixture = JsonMapper.shared().readTree(folder.resolve("fixture.json"));
        var config = JsonMapper.shared().readTree(folder.resolve("config.json"));
        double absolute = fixture.get("tolerance").get("atol").asDouble();
        double relative = fixture.get("tolerance").get("rtol").asDouble();
        try (var _ = TensorScope.open()) {
            var pi0 = Pi0Weights.load(folder.resolve("weights.safetensors"), config);
            var expected = Safetensors.read(folder.resolve("expected.safetensors"));
            var inputs = Safetensors.read(folder.resolve("inputs.safetensors"));
            var actual = Pi0Fixture.outputs(pi0, inputs, expected.keySet());
            assertThat(actual.keySet()).containsAll(expected.keySet());
            expected.forEach((tensor, wanted) -> {
                var got = actual.get(tensor);
                assertThat(got.shape()).as(tensor).isEqualTo(wanted.shape());
                assertThat(excess(got, wanted, absolute, relative))
                        .as(tensor)
                        .isLessThanOrEqualTo(0);
            });
        }
    }

    /// The names of files that transformers 5 writes, and of openpi's.
    @ParameterizedTest
    @CsvSource({
        "model.vision_tower.embeddings.patch_embedding.bias, model.vision_tower.vision_model.embeddings.patch_embedding.bias",
        "model.language_model.embed_tokens.weight, lm_head.weight",
        "language_model.model.norm.weight, model.language_model.norm.weight"
    })
    void gradientsHaveEveryNameThatWeightsHave(String other, String own) throws Exception {
        var folder = Path.of(getClass().getResource("/goldens/pi0").toURI());
        var config = JsonMapper.shared().readTree(folder.resolve("config.json"));
        var root = "grad.model.paligemma_with_expert.paligemma.";
        try (var _ = TensorScope.open()) {
            var pi0 = Pi0Weights.load(folder.resolve("weights.safetensors"), config);
            var inputs = Safetensors.read(folder.resolve("inputs.safetensors"));
            var actual = Pi0Fixture.outputs(pi0, inputs, Set.of(root + other, root + own));
            assertThat(actual.get(root + other).toFloats())
                    .isEqualTo(actual.get(root + own).toFloats());
        }
    }

    /// Not even where the token stands among the words.
    @Test
    void theRowOfPaddingHasNoGradient() throws Exception {
        var folder = Path.of(getClass().getResource("/goldens/pi0").toURI());
        var config = JsonMapper.shared().readTree(folder.resolve("config.json"));
        var words = "grad.model.paligemma_with_expert.paligemma.lm_head.weight";
        try (var _ = TensorScope.open()) {
            var pi0 = Pi0Weights.load(folder.resolve("weights.safetensors"), config);
            var inputs = new HashMap<>(Safetensors.read(folder.resolve("inputs.safetensors")));
            inputs.computeIfPresent("lang_tokens", (_, ids) -> ids.gt(60).to(DType.I64));
            var rows = Pi0Fixture.outputs(pi0, inputs, Set.of(words)).get(words);
            assertThat(rows.select(0, 0).abs().max().item()).isZero();
            assertThat(rows.select(0, 1).abs().max().item()).isPositive();
        }
    }

    /// How far the worst element lies outside its tolerance.
    private static double excess(Tensor got, Tensor wanted, double absolute, double relative) {
        var target = wanted.to(DType.F64);
        var distance = got.to(DType.F64).sub(target).abs();
        boolean exact = !wanted.dtype().equals(DType.F32);
        var allowed = target.abs().mul(exact ? 0 : relative).add(exact ? 0 : absolute);
        return distance.sub(allowed).max().item();
    }
}
