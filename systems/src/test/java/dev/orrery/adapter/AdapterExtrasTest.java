package dev.orrery.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.orrery.adapter.AdapterConfig.Method;
import dev.orrery.adapter.AdapterConfig.Targets;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.decoder.CausalLm;
import dev.orrery.lm.decoder.DecoderPass;
import dev.orrery.nn.Conv2d;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Mlp;
import dev.orrery.nn.Module;
import dev.orrery.nn.Window;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdapterExtrasTest {

    private static final Path GOLDENS = Path.of("src/test/resources/goldens");
    private static final Targets BOTH = new Targets.Named(List.of("fc1", "fc2"));
    private static final Method LORA = new Method.Lora(2, 4, false);

    @TempDir Path folder;
    private final TensorScope scope = TensorScope.open();

    @AfterEach
    void close() {
        scope.close();
    }

    private static CausalLm tied(Path golden) {
        return CausalLm.open(
                PublicConfig.read(golden.resolve("config.json")),
                golden.resolve("weights.safetensors"));
    }

    private static float[] logits(CausalLm lm) {
        var ids = Tensor.of(new long[] {3, 8, 5, 17, 9, 4}, 1, 6);
        try (var _ = Grad.disabled()) {
            return lm.forward(ids, DecoderPass.whole(6)).toFloats();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "peft-lora-single-words",
                "peft-lora-single-words-untied",
                "peft-lora-parameters",
                "peft-lora-tied",
                "peft-lora-tied-ensured",
                "peft-dora-tied",
                "peft-lora-tied-whole",
                "peft-lora-tied-both-whole",
                "peft-lora-tied-ensured-whole"
            })
    void whatIsSavedIsWhatWasOpenedAndTheModelComesBackToTheBit(String name) {
        var golden = GOLDENS.resolve(name);
        var lm = tied(golden);
        var before = logits(lm);
        var adapter = Adapter.open(lm, golden);
        var adapted = logits(lm);
        assertThat(adapted).isNotEqualTo(before);
        adapter.merge();
        adapter.unmerge();
        assertThat(logits(lm)).isEqualTo(adapted);
        adapter.save(folder, "tiny");
        adapter.detach();
        assertThat(logits(lm)).isEqualTo(before);
        var again = Adapter.open(lm, folder);
        assertThat(logits(lm)).isEqualTo(adapted);
        assertThat(again.config()).isEqualTo(adapter.config());
    }

    @Test
    void biasesOfItsOwnMergeWhereTheLayerHasOneAndAreRefusedWhereItHasNone() {
        var model = new Mlp(8, 12, Seed.of(1));
        var x = Seed.of(2).normal(5, 8);
        var config =
                new AdapterConfig(LORA, BOTH)
                        .with(AdapterOptions.NONE.with(AdapterExtras.NONE.withBiases()));
        var adapter = Adapter.on(model, config, Seed.of(3));
        var plain = model.forward(x).toFloats();
        adapter.namedParameters()
                .forEach((name, p) -> {
                    if (name.endsWith("lora_B.bias")) shift(p);
                });
        var shifted = model.forward(x);
        assertThat(shifted.toFloats()).isNotEqualTo(plain);
        adapter.merge();
        assertThat(model.forward(x).sub(shifted).abs().max().item()).isLessThan(1e-5);
        adapter.unmerge();
        assertThat(model.forward(x).toFloats()).isEqualTo(shifted.toFloats());

        var bare = new Bare();
        var own = Adapter.on(bare, config, Seed.of(3));
        assertThatIllegalStateException().isThrownBy(own::merge).withMessageContaining("has none");
        assertThatIllegalStateException()
                .isThrownBy(bare.first::weight)
                .withMessageContaining("lora_bias");
    }

    private static final class Bare extends Module {
        private final Linear first = child("fc1", Linear.withoutBias(8, 8, Seed.of(1)));

        Bare() {
            child("fc2", Linear.withoutBias(8, 8, Seed.of(2)));
        }
    }

    private static void shift(Tensor p) {
        try (var _ = Grad.disabled()) {
            p.add_(Tensor.full(0.5, p.shape()));
        }
    }

    @Test
    void constrainedTurnsNeverLeaveTheirLimit() {
        var model = new Mlp(8, 12, Seed.of(1));
        var config = new AdapterConfig(new Method.Oft(4, 0, false, 0, 0.1), BOTH);
        var adapter = Adapter.on(model, config, Seed.of(3));
        adapter.parameters().forEach(AdapterExtrasTest::shift);
        model.forward(Seed.of(2).normal(5, 8));
        adapter.namedParameters()
                .forEach((name, p) -> {
                    double longest = p.square().sum(1, false).mul(2).sqrt().max().item();
                    assertThat(longest)
                            .isBetween(0.09 / Math.sqrt(p.size(0)), 0.1001 / Math.sqrt(p.size(0)));
                });
    }

    private static final class Eye extends Module {
        private final Conv2d eye;

        Eye(Window window) {
            eye = child("eye", new Conv2d(4, 4, window, Seed.of(1)));
        }
    }

    @Test
    void turnsOfPixelsAreThoseOfTheWeightAndOnlyThose() {
        var targets = new Targets.Named(List.of("eye"));
        var config = new AdapterConfig(new Method.Oft(2, false, 0), targets);
        var model = new Eye(Window.of(1));
        var adapter = Adapter.on(model, config, Seed.of(3));
        adapter.parameters().forEach(AdapterExtrasTest::shift);
        var x = Seed.of(2).normal(1, 4, 5, 5);
        var apart = model.eye.forward(x);
        adapter.merge();
        assertThat(model.eye.forward(x).sub(apart).abs().max().item()).isLessThan(1e-5);

        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Adapter.on(new Eye(Window.of(2).withDilation(2)), config, Seed.of(3)))
                .withMessageContaining("every 2th pixel");
        var split = Adapter.on(new Eye(Window.of(2).withGroups(2)), config, Seed.of(3));
        assertThatIllegalStateException()
                .isThrownBy(split::merge)
                .withMessageContaining("2 groups");
    }

    @Test
    void anAdapterOfABf16ModelRoundsOnce() {
        var layer = new Linear(64, 8, Seed.of(1));
        layer.to(DType.BF16);
        var x = Seed.of(2).normal(5, 64).to(DType.BF16);
        for (var method :
                List.of(LORA, new Method.Dora(2, 4, false), new Method.Oft(8, false, 0))) {
            var adapter =
                    Adapter.on(
                            new Holder(layer),
                            new AdapterConfig(method, new Targets.Named(List.of("layer"))),
                            Seed.of(3));
            adapter.parameters().forEach(AdapterExtrasTest::shift);
            var exact =
                    Functional.linear(
                            x.to(DType.F32),
                            layer.storedWeight().to(DType.F32).add(adapter.delta("layer")),
                            layer.bias().to(DType.F32));
            var found = layer.forward(x);
            assertThat(found.dtype()).isEqualTo(DType.BF16);
            double most = exact.abs().max().item();
            assertThat(found.to(DType.F32).sub(exact).abs().max().item()).isLessThan(most / 50);
            adapter.detach();
        }
    }

    private static final class Holder extends Module {
        Holder(Linear layer) {
            borrowed("layer", layer);
        }
    }

    @Test
    void whatDoesNotGoTogetherIsRefusedByName() {
        var words = AdapterOptions.NONE.with(AdapterExtras.NONE.withWords("fc1", List.of(1, 99)));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Adapter.on(
                                new Mlp(8, 12, Seed.of(1)),
                                new AdapterConfig(LORA, new Targets.Named(List.of("fc2")))
                                        .with(words),
                                Seed.of(3)))
                .withMessageContaining("word 99 is not among the 12 of fc1");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Adapter.on(
                                new Mlp(8, 12, Seed.of(1)),
                                new AdapterConfig(LORA, BOTH).with(words),
                                Seed.of(3)))
                .withMessageContaining("fc1 is adapted in two ways");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AdapterExtras.NONE.withWords("fc1", List.of(1, 1)))
                .withMessageContaining("twice");
        var own = AdapterOptions.NONE.with(AdapterExtras.NONE.withBiases());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AdapterConfig(new Method.Dora(2, 4, false), BOTH).with(own))
                .withMessageContaining("for LoRA");
    }
}
