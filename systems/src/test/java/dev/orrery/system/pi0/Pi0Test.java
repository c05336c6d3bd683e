package dev.orrery.system.pi0;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.flow.DataAt;
import dev.orrery.lm.GemmaConfig;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.vision.SiglipConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class Pi0Test {

    private static final Seed SEED = Seed.of(5);

    private static Pi0Config.Model dummy(Pi0Variant variant) {
        return new Pi0Config.Model(
                variant,
                new SiglipConfig(32, 1, 4, 64, 8, List.of(), List.of(16)),
                GemmaConfig.dummy(),
                GemmaConfig.dummy(),
                new Pi0Config.Io(50, 6, 8, 8, 5, DataAt.ZERO));
    }

    /// A network none of whose parameters is zero, as gates are at first.
    private static Pi0 stirred(Pi0Variant variant) {
        var pi0 = new Pi0(dummy(variant), Seed.of(1));
        try (var _ = Grad.disabled()) {
            pi0.namedParameters()
                    .forEach((name, p) -> p.add_(SEED.split(name).normal(p.shape()), 0.05));
        }
        return pi0;
    }

    private static Pi0.Prompt prompt(long batch) {
        boolean[] real = {true, true, true, true, false, false, true, true, true, true, true, true};
        return new Pi0.Prompt(
                List.of(
                        SEED.split(1).normal(batch, 3, 16, 16),
                        SEED.split(2).normal(batch, 3, 16, 16)),
                List.of(Tensor.ones(DType.BOOL, batch), Tensor.of(new boolean[] {true, false}, 2)),
                SEED.split(3).integers(50, batch, 6),
                Tensor.of(real, 2, 6));
    }

    private static Tensor joint(
            Pi0 pi0, Pi0.Visibility visibility, Tensor state, Tensor actions, Tensor time) {
        return new JointPass(pi0, visibility).velocity(prompt(2), state, actions, time);
    }

    @ParameterizedTest
    @EnumSource
    void theCachedPrefixGivesWhatOneJointAttentionGives(Pi0Variant variant) {
        try (var _ = TensorScope.open();
                var _ = Grad.disabled()) {
            var pi0 = stirred(variant);
            var state = SEED.split(4).normal(2, 8);
            var actions = SEED.split(5).normal(2, 5, 8);
            var time = Tensor.of(new double[] {0.3, 0.9}, 2);
            var joint = joint(pi0, Pi0.Visibility.BLOCKWISE, state, actions, time);
            var seen = pi0.observe(pi0.encode(prompt(2)), state);
            var cached = pi0.velocity(seen, actions.unsqueeze(1), time.unsqueeze(1)).squeeze(1);
            assertThat(cached.sub(joint).abs().max().item()).isLessThan(1e-5);
            var leak = joint(pi0, Pi0.Visibility.LEAK, state, actions, time);
            assertThat(cached.sub(leak).abs().max().item()).isGreaterThan(1e-3);
        }
    }

    @Test
    void theStateLooksWhereItsLayerReads() {
        try (var _ = TensorScope.open();
                var _ = Grad.disabled()) {
            var pi0 = stirred(Pi0Variant.PI0);
            var seen = pi0.observe(pi0.encode(prompt(2)), SEED.split(4).normal(2, 8));
            assertThat(seen.read()).hasSizeGreaterThan(1);
            var looks = pi0.gaze(seen, 0);
            var block = pi0.expert().layers().getFirst();
            var values = seen.cache().getFirst().value().transpose(1, 2);
            var attended = looks.matmul(values).transpose(1, 2).flatten(2, 3);
            var x = seen.read().getFirst();
            var at = pi0.rotary(seen.length().sub(1L));
            var norm = block.project(x, at, Optional.empty(), block.join(false)).norm();
            var read = block.finish(x, attended, norm, Optional.empty());
            assertThat(read.sub(seen.read().get(1)).abs().max().item()).isLessThan(1e-5);
            var missing = looks.narrow(0, 1, 1).narrow(-1, 4, 4);
            assertThat(missing.abs().max().item()).as("the second camera").isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void drawsOfOneObservationDoNotSeeEachOther(Pi0Variant variant) {
        try (var _ = TensorScope.open();
                var _ = Grad.disabled()) {
            var pi0 = stirred(variant);
            var seen = pi0.observe(pi0.encode(prompt(2)), SEED.split(4).normal(2, 8));
            var actions = SEED.split(5).normal(2, 3, 5, 8);
            var time = Tensor.of(new double[] {0.1, 0.5, 0.9, 0.2, 0.4, 0.8}, 2, 3);
            var together = pi0.velocity(seen, actions, time);
            for (int k = 0; k < 3; k++) {
                var alone = pi0.velocity(seen, actions.narrow(1, k, 1), time.narrow(1, k, 1));
                assertThat(together.narrow(1, k, 1).sub(alone).abs().max().item()).isLessThan(1e-5);
            }
        }
    }

    @Test
    void paddedWordsAndMissingCamerasChangeNothing() {
        try (var _ = TensorScope.open();
                var _ = Grad.disabled()) {
            var pi0 = stirred(Pi0Variant.PI0);
            var prompt = prompt(2);
            var words = prompt.tokens().toLongs();
            words[4] = 7;
            words[5] = 9;
            var noise =
                    Tensor.cat(
                            List.of(Tensor.zeros(1, 3, 16, 16), SEED.split(9).normal(1, 3, 16, 16)),
                            0);
            var other =
                    new Pi0.Prompt(
                            List.of(prompt.images().get(0), prompt.images().get(1).add(noise)),
                            prompt.seen(),
                            Tensor.of(words, 2, 6),
                            prompt.real());
            var state = SEED.split(4).normal(2, 8);
            var start = SEED.split(5).normal(2, 5, 8);
            var a = pi0.sample(pi0.observe(pi0.encode(prompt), state), start, pi0.schedule(3));
            var b = pi0.sample(pi0.observe(pi0.encode(other), state), start, pi0.schedule(3));
            assertThat(a.sub(b).abs().max().item()).isLessThan(1e-5);
        }
    }

    @Test
    void badInputIsNamed() {
        try (var _ = TensorScope.open()) {
            var pi0 = new Pi0(dummy(Pi0Variant.PI0), Seed.of(1));
            assertThatThrownBy(() -> pi0.schedule(0)).hasMessageContaining("at least 1");
            var grey =
                    new Pi0.Prompt(
                            List.of(Tensor.zeros(1, 1, 16, 16)),
                            List.of(Tensor.ones(DType.BOOL, 1)),
                            Tensor.zeros(DType.I64, 1, 6),
                            Tensor.ones(DType.BOOL, 1, 6));
            assertThatThrownBy(() -> pi0.embed(grey)).hasMessageContaining("(B, 3, 16, 16)");
            assertThatThrownBy(() -> pi0.observe(pi0.encode(prompt(2)), Tensor.zeros(2, 9)))
                    .hasMessageContaining("state");
        }
    }

    @Test
    void oldAndNewSpellingsOfPublishedNamesMeet() {
        var embedding = "paligemma_with_expert.paligemma.lm_head.weight";
        assertThat(Pi0Weights.rename("model." + embedding, true)).isEqualTo(embedding);
        assertThat(
                        Pi0Weights.rename(
                                "paligemma_with_expert.paligemma.model.language_model.embed_tokens.weight",
                                true))
                .isEqualTo(embedding);
        assertThat(
                        Pi0Weights.rename(
                                "paligemma_with_expert.paligemma.language_model.model.embed_tokens.weight",
                                true))
                .isEqualTo(embedding);
        assertThat(Pi0Weights.rename("time_mlp_in.weight", true))
                .isEqualTo("action_time_mlp_in.weight");
        assertThat(Pi0Weights.rename("model.time_mlp_in.weight", false))
                .isEqualTo("time_mlp_in.weight");
    }

    @Test
    void theTowerIsFoundUnderTheNamesOfNewerFiles() {
        var tower = "paligemma_with_expert.paligemma.model.vision_tower.";
        assertThat(Pi0Weights.rename("model." + tower + "post_layernorm.bias", true))
                .isEqualTo(tower + "vision_model.post_layernorm.bias");
        assertThat(Pi0Weights.rename(tower + "vision_model.post_layernorm.bias", false))
                .isEqualTo(tower + "vision_model.post_layernorm.bias");
    }

    @Test
    void theTimeEmbeddingHasThePeriodsOfTheConfiguration() throws Exception {
        var folder = Path.of(getClass().getResource("/goldens/pi05").toURI());
        var usual = (ObjectNode) JsonMapper.shared().readTree(folder.resolve("config.json"));
        var slow = usual.deepCopy().put("min_period", 0.01).put("max_period", 2);
        try (var _ = TensorScope.open()) {
            var weights = folder.resolve("weights.safetensors");
            var pi0 = Pi0Weights.load(weights, usual);
            var slower = Pi0Weights.load(weights, slow);
            var time = Tensor.of(new double[] {0.3}, 1, 1);
            assertThat(slower.timing(time).sub(pi0.timing(time)).abs().max().item())
                    .isGreaterThan(0.1);
        }
        Pi0Weights.requireUsualPeriods(usual);
        assertThatThrownBy(() -> Pi0Weights.requireUsualPeriods(slow))
                .hasMessageContaining("min_period 0.01");
    }

    @Test
    void thePaperSizesHaveThePublishedParameterCount() {
        var pi0 = dev.orrery.nn.Module.outline(() -> new Pi0(Pi0Config.Model.paper(), Seed.of(0)));
        assertThat(pi0.parameterCount() / 1e9).isBetween(3.2, 3.3);
    }
}
