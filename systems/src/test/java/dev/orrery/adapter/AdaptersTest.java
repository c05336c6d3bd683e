package dev.orrery.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.orrery.adapter.AdapterConfig.Method;
import dev.orrery.adapter.AdapterConfig.Targets;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.nn.Conv2d;
import dev.orrery.nn.Embedding;
import dev.orrery.nn.Mlp;
import dev.orrery.nn.Module;
import dev.orrery.nn.Window;
import dev.orrery.optim.AdamW;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdaptersTest {

    private static final Path SEVERAL = Path.of("src/test/resources/adapters/several");
    private static final Method LORA = new Method.Lora(2, 4, false);
    private static final Targets FIRST = new Targets.Named(List.of("fc1"));
    private static final Targets BOTH = new Targets.Named(List.of("fc1", "fc2"));

    @TempDir Path folder;
    private final TensorScope scope = TensorScope.open();
    private final Mlp model = new Mlp(8, 12, Seed.of(1));
    private final Tensor x = Seed.of(2).normal(5, 8);

    @AfterEach
    void close() {
        scope.close();
    }

    private Tensor output() {
        try (var _ = Grad.disabled()) {
            return model.forward(x).copy();
        }
    }

    private static double distance(Tensor a, Tensor b) {
        return a.sub(b).abs().max().item();
    }

    /// Moves an adapter's own numbers.
    private static void move(Adapter adapter, long seed) {
        try (var _ = Grad.disabled()) {
            adapter.values()
                    .forEach((name, p) -> p.add_(Seed.of(seed).split(name).normal(p.shape()), .2));
        }
    }

    @Test
    void severalOfPeftsAdaptersAreSwitchedStackedAndSummedAsPeftDoes() {
        var expected = Safetensors.read(SEVERAL.resolve("expected.safetensors"));
        model.load(SEVERAL.resolve("weights.safetensors"));
        var input = expected.get("x");
        var base = model.forward(input).copy();
        var adapters = Adapters.of(model);
        for (var name : List.of("a", "b", "c")) {
            adapters.open(name, SEVERAL.resolve(name));
        }
        for (var name : List.of("a", "b", "c")) {
            adapters.activate(name);
            assertThat(distance(model.forward(input), expected.get("y_" + name)))
                    .as(name)
                    .isLessThan(1e-5);
        }
        for (var order : new String[][] {{"a", "b"}, {"b", "a"}}) {
            adapters.activate(order);
            assertThat(distance(model.forward(input), expected.get("y_b_a"))).isLessThan(1e-5);
        }
        adapters.activate("a", "c");
        assertThat(distance(model.forward(input), expected.get("y_a_c"))).isLessThan(1e-5);
        adapters.merge();
        assertThat(distance(model.forward(input), expected.get("y_a_c"))).isLessThan(1e-5);
        adapters.unmerge();
        var weights = new LinkedHashMap<>(Map.of("a", .7));
        weights.put("c", .5);
        adapters.combine("mix", weights);
        assertThat(adapters.active()).containsExactly("a", "c");
        adapters.activate("mix");
        assertThat(distance(model.forward(input), expected.get("y_mix"))).isLessThan(1e-5);
        adapters.get("mix").save(folder, "a model");
        adapters.activate();
        assertThat(model.forward(input).toFloats()).isEqualTo(base.toFloats());
        adapters.remove("mix");
        adapters.open("again", folder);
        adapters.activate("again");
        assertThat(distance(model.forward(input), expected.get("y_mix"))).isLessThan(1e-5);
    }

    @Test
    void aStackIsMergedAndTakenBackToTheBit() {
        var base = output();
        var adapters = Adapters.of(model);
        move(adapters.add("one", new AdapterConfig(LORA, BOTH), Seed.of(3)), 4);
        move(adapters.add("two", new AdapterConfig(new Method.Delora(2, 3), FIRST), Seed.of(5)), 6);
        adapters.activate("one", "two");
        var stacked = output();
        adapters.merge();
        assertThat(distance(output(), stacked)).isLessThan(1e-5);
        assertThatIllegalStateException()
                .isThrownBy(() -> adapters.activate("one"))
                .withMessageContaining("[one, two] are merged");
        adapters.unmerge();
        assertThat(output().toFloats()).isEqualTo(stacked.toFloats());
        adapters.activate();
        assertThat(output().toFloats()).isEqualTo(base.toFloats());
    }

    @Test
    void whatDoesNotGoTogetherIsRefusedAndNothingChanges() {
        var adapters = Adapters.of(model);
        adapters.add("lora", new AdapterConfig(LORA, BOTH), Seed.of(3));
        adapters.add("oft", new AdapterConfig(new Method.Oft(4, false, 0), FIRST), Seed.of(4));
        var whole = new AdapterConfig(LORA, FIRST).saving(List.of("fc2"));
        adapters.add("whole", whole, Seed.of(5));
        adapters.add("other", whole, Seed.of(6));
        adapters.activate("lora");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> adapters.activate("lora", "oft"))
                .withMessageContaining("activate it alone");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> adapters.activate("whole", "other"))
                .withMessageContaining("both train fc2 whole");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> adapters.activate("lora", "whole"))
                .withMessageContaining("changes fc2, which 'whole' trains whole");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> adapters.activate("lroa"))
                .withMessageContaining("no adapter 'lroa'; there are [lora, oft, whole, other]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> adapters.add("lora", whole, Seed.of(7)))
                .withMessageContaining("'lora' already");
        var weights = new LinkedHashMap<>(Map.of("oft", 1.0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> adapters.combine("sum", weights))
                .withMessageContaining("'oft' cannot be summed");
        assertThat(adapters.active()).containsExactly("lora");
    }

    @Test
    void aModuleTrainedWholeIsKeptByItsAdapterAndTheModelGetsItsOwnBack() {
        var base = output();
        var weight = model.stateDict().get("fc2.weight").copy();
        var config = new AdapterConfig(LORA, BOTH).saving(List.of("fc2"));
        var adapter = Adapter.on(model, config, Seed.of(3));
        assertThat(adapter.paths()).containsExactly("fc1");
        assertThat(adapter.savedPaths()).containsExactly("fc2");
        assertThat(output().toFloats()).isEqualTo(base.toFloats());
        var optimizer = new AdamW(adapter.parameters(), 1e-2);
        for (int step = 0; step < 20; step++) {
            var loss = model.forward(x).square().mean();
            optimizer.clearGradients();
            loss.backward();
            optimizer.step();
        }
        var trained = output();
        assertThat(distance(trained, base)).isGreaterThan(.01);
        assertThat(distance(model.stateDict().get("fc2.weight"), weight)).isGreaterThan(1e-3);
        adapter.detach();
        assertThat(output().toFloats()).isEqualTo(base.toFloats());
        adapter.save(folder, "a model");
        assertThat(Safetensors.read(folder.resolve(PeftFiles.WEIGHTS)))
                .containsKeys("base_model.model.fc2.weight", "base_model.model.fc2.bias")
                .doesNotContainKey("base_model.model.fc1.weight");
        var again = Adapter.open(model, folder);
        assertThat(again.config()).isEqualTo(config);
        assertThat(output().toFloats()).isEqualTo(trained.toFloats());
        again.detach();
        adapter.close();
        again.close();
        assertThat(output().toFloats()).as("the model outlives it").isEqualTo(base.toFloats());
    }

    @Test
    void onlyTheAdaptersNumbersAreTrainedAndTheOptimiserKeepsNoOthers() {
        var wide = new Mlp(96, 384, Seed.of(1));
        long full = bytes(new AdamW(wide.parameters(), 1e-3), wide);
        var adapter =
                Adapter.on(wide, new AdapterConfig(new Method.Lora(1, 1, false), BOTH), Seed.of(3));
        long own = bytes(new AdamW(adapter.parameters(), 1e-3), wide);
        assertThat(adapter.parameterCount()).isEqualTo(2 * (96 + 384));
        assertThat(wide.parameters()).noneMatch(Tensor::hasGrad);
        // Two moments of 4 bytes and a gradient of 4 for each number.
        assertThat(own).isBetween(12 * adapter.parameterCount(), 13 * adapter.parameterCount());
        assertThat((double) own / full).isLessThan(.1);
    }

    /// Bytes of an optimiser's state and of the gradients after one step.
    private static long bytes(AdamW optimizer, Mlp model) {
        model.forward(Seed.of(4).normal(3, 96)).square().mean().backward();
        optimizer.step();
        long gradients =
                optimizer.parameters().values().stream().mapToLong(p -> 4 * p.grad().numel()).sum();
        optimizer.clearGradients();
        model.clearGradients();
        return gradients
                + optimizer.stateDict().values().stream()
                        .mapToLong(t -> t.numel() * t.dtype().bytes())
                        .sum();
    }

    private static final class Eyes extends Module {
        Eyes(long groups) {
            var window = new Window(3, 1, 1, 1, groups);
            child("eye", new Conv2d(4, 4, window, Seed.of(1)));
        }
    }

    @Test
    void layersThatAMethodDoesNotKnowAreRefusedByTheirType() {
        var eye = new Targets.Named(List.of("eye"));
        var delora = new AdapterConfig(new Method.Delora(2, 3), eye);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Adapter.on(new Eyes(1), delora, Seed.of(3)))
                .withMessageContaining("eye is a Conv2d")
                .withMessageContaining("for linear layers");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Adapter.on(
                                new Eyes(2),
                                new AdapterConfig(new Method.Lora(3, 4, false), eye),
                                Seed.of(3)))
                .withMessageContaining("convolution in 2 groups");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Adapter.on(
                                new Eyes(1),
                                new AdapterConfig(LORA, new Targets.AllLinear()),
                                Seed.of(3)))
                .withMessageContaining("[eye]");
        var nowhere = new AdapterConfig(LORA, BOTH).saving(List.of("nose"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Adapter.on(model, nowhere, Seed.of(3)))
                .withMessageContaining("no module 'nose'");
    }

    private static final class Words extends Module {
        private final Embedding rows = child("rows", new Embedding(11, 8, Seed.of(1)));
    }

    @Test
    void anOutputLayerTiedToAnAdaptedEmbeddingStaysAsItWasUntilTheyAreMerged() {
        var words = new Words();
        for (var method : List.of(LORA, new Method.Dora(2, 4, false))) {
            try (var adapter =
                    Adapter.on(
                            words,
                            new AdapterConfig(method, new Targets.Named(List.of("rows"))),
                            Seed.of(3))) {
                move(adapter, 4);
                var ids = Tensor.of(new long[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 11);
                var changed = x.matmul(words.rows.forward(ids).transpose(0, 1));
                var plain = x.matmul(words.rows.storedWeight().transpose(0, 1));
                assertThat(distance(words.rows.logits(x), plain)).isLessThan(1e-5);
                adapter.merge();
                assertThat(distance(words.rows.logits(x), changed)).isLessThan(1e-4);
                assertThat(distance(changed, plain)).isGreaterThan(1e-2);
                adapter.detach();
            }
        }
    }
}
