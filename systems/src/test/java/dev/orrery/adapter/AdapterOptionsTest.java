package dev.orrery.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.adapter.AdapterConfig.Method;
import dev.orrery.adapter.AdapterConfig.Targets;
import dev.orrery.adapter.AdapterOptions.Biases;
import dev.orrery.nn.Conv2d;
import dev.orrery.nn.Int8Weights;
import dev.orrery.nn.Mlp;
import dev.orrery.nn.Module;
import dev.orrery.nn.Window;
import dev.orrery.optim.AdamW;
import dev.orrery.optim.ParameterGroup;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AdapterOptionsTest {

    private static final Method LORA = new Method.Lora(4, 8, false);
    private static final Targets FIRST = new Targets.Named(List.of("fc1"));
    private static final Targets BOTH = new Targets.Named(List.of("fc1", "fc2"));

    @TempDir Path folder;
    private final TensorScope scope = TensorScope.open();
    private final Mlp model = new Mlp(32, 64, Seed.of(1));
    private final Tensor x = Seed.of(2).normal(5, 32);

    @AfterEach
    void close() {
        scope.close();
    }

    private static AdapterConfig config(Targets targets, AdapterOptions options) {
        return new AdapterConfig(LORA, targets).with(options);
    }

    @ParameterizedTest
    @EnumSource(AdapterOptions.Start.class)
    void everyStartButOpenpisLeavesTheModelAsItIs(AdapterOptions.Start start) {
        var before = output();
        var adapter = Adapter.on(model, config(BOTH, AdapterOptions.NONE.with(start)), Seed.of(3));
        double far = output().sub(before).abs().max().item();
        switch (start) {
            case KAIMING, GAUSSIAN, PISSA -> assertThat(far).isZero();
            case ORTHOGONAL -> assertThat(far).isLessThan(1e-5);
            case OPENPI -> assertThat(far).isBetween(1e-7, 1e-1);
        }
        for (int i = 0; i < 3; i++) step(adapter.parameters(), 1e-2);
        var adapted = output();
        adapter.save(folder, "a model");
        adapter.detach();
        Adapter.open(model, folder);
        assertThat(output().sub(adapted).abs().max().item()).isLessThan(1e-5);
    }

    @Test
    void pissaBeginsWithTheLargestSingularValues() {
        var weight = model.stateDict().get("fc1.weight").copy();
        Adapter.on(
                model,
                config(FIRST, AdapterOptions.NONE.with(AdapterOptions.Start.PISSA)),
                Seed.of(3));
        var best = LoraStart.Singular.of(weight, 4);
        double left = weight.sub(best.left().matmul(best.right())).norm().item();
        double less = LoraStart.Singular.of(weight, 3).left().norm().item();
        assertThat(left).isLessThan(weight.norm().item());
        assertThat(best.left().norm().item()).isGreaterThan(less);
    }

    @Test
    void biasesOfAdaptedLayersOrAllAreTrainedSavedAndGivenBack() {
        var before = output();
        for (var biases : List.of(Biases.ADAPTED, Biases.ALL)) {
            var adapter =
                    Adapter.on(model, config(FIRST, AdapterOptions.NONE.with(biases)), Seed.of(3));
            var own = model.stateDict().get("fc1.bias").copy();
            for (int i = 0; i < 3; i++) step(adapter.parameters(), 1e-2);
            assertThat(adapter.namedParameters().keySet())
                    .contains("base_model.model.fc1.base_layer.bias")
                    .satisfies(names ->
                            assertThat(names.contains("base_model.model.fc2.bias"))
                                    .isEqualTo(biases == Biases.ALL));
            assertThat(model.stateDict().get("fc1.bias").sub(own).abs().max().item()).isPositive();
            var adapted = output();
            adapter.save(folder.resolve(biases.name()), "a model");
            adapter.detach();
            assertThat(output().toFloats()).isEqualTo(before.toFloats());
            var again = Adapter.open(model, folder.resolve(biases.name()));
            assertThat(output().toFloats()).isEqualTo(adapted.toFloats());
            assertThat(again.config()).isEqualTo(adapter.config());
            again.detach();
        }
    }

    /// Blocks as language models have them.
    private static final class Stack extends Module {
        Stack() {
            for (int i = 0; i < 3; i++) {
                var seed = Seed.of(i);
                child("layers." + i + ".mlp", new Mlp(8, 8, seed));
            }
        }
    }

    @Test
    void blocksAndExclusionsNarrowTheTargets() {
        var stack = new Stack();
        var some = AdapterOptions.NONE.inBlocks(List.of(0, 2)).without(List.of("0.mlp.fc2"));
        var adapter = Adapter.on(stack, config(new Targets.AllLinear(), some), Seed.of(3));
        assertThat(adapter.paths())
                .containsExactly("layers.0.mlp.fc1", "layers.2.mlp.fc1", "layers.2.mlp.fc2");
        adapter.save(folder, "a stack");
        adapter.detach();
        assertThat(Adapter.open(stack, folder).paths()).isEqualTo(adapter.paths());
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Adapter.on(
                                new Stack(),
                                config(
                                        new Targets.AllLinear(),
                                        AdapterOptions.NONE.inBlocks(List.of(7))),
                                Seed.of(3)))
                .withMessageContaining("blocks=[7]");
    }

    @Test
    void aNameThatMeansNothingIsAnErrorWithTheNearest() {
        var targets = new Targets.Named(List.of("fc1", "fc3"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Adapter.on(model, new AdapterConfig(LORA, targets), Seed.of(3)))
                .withMessageContaining("'fc3'")
                .withMessageContaining("[fc1]");
    }

    @Test
    void dropoutActsInTrainingOnlyAndRepeats() {
        var adapter =
                Adapter.on(model, config(BOTH, AdapterOptions.NONE.withDropout(.5)), Seed.of(3));
        for (int i = 0; i < 3; i++) step(adapter.parameters(), 1e-1);
        var whole = output();
        var one = adapter.dropping(Seed.of(1), this::output);
        assertThat(one.toFloats()).isNotEqualTo(whole.toFloats());
        assertThat(adapter.dropping(Seed.of(1), this::output).toFloats()).isEqualTo(one.toFloats());
        assertThat(adapter.dropping(Seed.of(2), this::output).toFloats())
                .isNotEqualTo(one.toFloats());
        assertThat(output().toFloats()).isEqualTo(whole.toFloats());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AdapterOptions.NONE.withDropout(1))
                .withMessageContaining("dropout 1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new AdapterConfig(new Method.Delora(2, 1), BOTH)
                                .with(AdapterOptions.NONE.withDropout(.1)))
                .withMessageContaining("dropout is for LoRA");
    }

    @Test
    void aConvolutionInGroupsIsAdaptedWithinItsGroups() {
        var conv = new Conv2d(4, 6, new Window(3, 1, 1, 1, 2), Seed.of(1));
        var image = Seed.of(2).normal(2, 4, 5, 5);
        var holder =
                new Module() {
                    {
                        child("conv", conv);
                    }
                };
        var targets = new Targets.Named(List.of("conv"));
        var adapter = Adapter.on(holder, new AdapterConfig(LORA, targets), Seed.of(3));
        try (var _ = Grad.disabled()) {
            adapter.parameters().forEach(p -> p.copy_(Seed.of(8).normal(p.shape())));
        }
        var adapted = conv.forward(image);
        var state = adapter.stateDict();
        var low =
                Functional.conv2d(
                        image, state.get("base_model.model.conv.lora_A.weight"), null, 1, 1, 1, 2);
        var added =
                Functional.conv2d(
                        low, state.get("base_model.model.conv.lora_B.weight"), null, 1, 0, 1, 2);
        adapter.merge();
        assertThat(conv.forward(image).sub(adapted).abs().max().item()).isLessThan(1e-4);
        adapter.detach();
        var expected = conv.forward(image).add(added.mul(2));
        assertThat(adapted.sub(expected).abs().max().item()).isLessThan(1e-3);
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Adapter.on(
                                holder,
                                new AdapterConfig(new Method.Lora(3, 3, false), targets),
                                Seed.of(3)))
                .withMessageContaining("multiple of 2");
    }

    @Test
    void loraOnAWeightOfEightBitsLearnsAndIsTakenOff() {
        try (var rounded = Int8Weights.of(model)) {
            var before = output();
            var adapter = Adapter.on(model, new AdapterConfig(LORA, BOTH), Seed.of(3));
            assertThat(output().sub(before).abs().max().item()).isLessThan(2e-2);
            double first = step(adapter.parameters(), 1e-2);
            for (int i = 0; i < 20; i++) step(adapter.parameters(), 1e-2);
            assertThat(step(adapter.parameters(), 1e-2)).isLessThan(first);
            assertThatIllegalStateException()
                    .isThrownBy(adapter::merge)
                    .withMessageContaining("8 bits");
            assertThatIllegalStateException().isThrownBy(rounded::close);
            adapter.detach();
            assertThat(output().toFloats()).isEqualTo(before.toFloats());
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            Adapter.on(
                                    model,
                                    new AdapterConfig(new Method.Delora(2, 1), BOTH),
                                    Seed.of(3)))
                    .withMessageContaining("8 bits");
        }
    }

    @Test
    void oneBatchServesAnAdapterARow() {
        var adapters = Adapters.of(model);
        adapters.add("a", new AdapterConfig(LORA, BOTH), Seed.of(3));
        adapters.add("b", new AdapterConfig(new Method.Lora(2, 1, true), FIRST), Seed.of(4));
        for (var name : List.of("a", "b")) {
            try (var _ = Grad.disabled()) {
                var seed = Seed.of(name.charAt(0));
                adapters.get(name)
                        .namedParameters()
                        .forEach((n, p) -> p.copy_(seed.split(n).normal(p.shape())));
            }
        }
        var rows = List.of("b", "", "a", "a", "b");
        var expected = new LinkedHashMap<String, Tensor>();
        for (var name : List.of("a", "b")) {
            adapters.activate(name);
            expected.put(name, output());
        }
        adapters.activate();
        expected.put("", output());
        adapters.route(rows);
        var routed = output();
        for (int i = 0; i < rows.size(); i++) {
            var right = expected.get(rows.get(i)).select(0, i);
            double far = routed.select(0, i).sub(right).abs().max().item();
            assertThat(far).isLessThan(1e-5 * right.abs().max().item());
        }
        adapters.activate();
        assertThat(output().toFloats()).isEqualTo(expected.get("").toFloats());
        adapters.route(List.of("a"));
        assertThatIllegalArgumentException()
                .isThrownBy(this::output)
                .withMessageContaining("1 adapters")
                .withMessageContaining("5 rows");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> adapters.route(List.of("c")))
                .withMessageContaining("no adapter 'c'");
    }

    @Test
    void atFirstOnlyBHasAGradient() {
        var adapter = Adapter.on(model, new AdapterConfig(LORA, FIRST), Seed.of(3));
        loss().backward();
        var all = adapter.namedParameters();
        assertThat(all.get("base_model.model.fc1.lora_A.weight").grad().norm().item()).isZero();
        assertThat(all.get("base_model.model.fc1.lora_B.weight").grad().norm().item()).isPositive();
    }

    @Test
    void underAdamAlphaIsNotTheLearningRate() {
        assertThat(after(8, 1e-2)).isNotCloseTo(after(4, 2e-2), within(1e-3));
        assertThat(after(8, 1e-2)).isEqualTo(after(8, 1e-2));
    }

    private double after(double alpha, double rate) {
        var fresh = new Mlp(32, 64, Seed.of(1));
        var config = new AdapterConfig(new Method.Lora(4, alpha, false), BOTH);
        var adapter = Adapter.on(fresh, config, Seed.of(3));
        var optimizer = new AdamW(adapter.parameters(), rate);
        for (int i = 0; i < 5; i++) {
            optimizer.minimise(fresh.forward(x).sub(1.0).square().mean());
        }
        return fresh.forward(x).sub(1.0).square().mean().item();
    }

    @Test
    void plusTrainsBFasterAndNothingDecays() {
        var adapter = Adapter.on(model, new AdapterConfig(LORA, BOTH), Seed.of(3));
        var groups = adapter.groups(AdapterRates.plus(16));
        assertThat(groups).extracting(ParameterGroup::rateFactor).containsExactly(1.0, 16.0);
        assertThat(groups).extracting(ParameterGroup::decayFactor).containsOnly(0.0);
        assertThat(groups.get(1).parameters().keySet()).allMatch(n -> n.endsWith("lora_B.weight"));
    }

    @Test
    void whatIsNotUnderstoodInAConfigurationIsWrittenAgain() throws IOException {
        var adapter = Adapter.on(model, new AdapterConfig(LORA, BOTH), Seed.of(3));
        adapter.save(folder, "a model");
        adapter.detach();
        var file = folder.resolve(PeftFiles.CONFIG);
        Files.writeString(
                file, Files.readString(file).replaceFirst("\\{", "{ \"revision\" : \"abc\","));
        var again = Adapter.open(model, folder);
        again.save(folder.resolve("again"), "a model");
        assertThat(folder.resolve("again").resolve(PeftFiles.CONFIG))
                .content()
                .contains("\"revision\" : \"abc\"");
    }

    @Test
    void anotherBaseIsRefusedUnlessForced() {
        var adapter = Adapter.on(model, new AdapterConfig(LORA, BOTH), Seed.of(3));
        adapter.save(folder, "a model");
        adapter.merge();
        adapter.save(folder.resolve("merged"), "a model");
        var other = new Mlp(32, 64, Seed.of(2));
        assertThatThrownBy(() -> Adapter.open(other, folder)).hasMessageContaining("fingerprint");
        Adapter.openForced(other, folder).detach();
        adapter.detach();
        Adapter.open(model, folder.resolve("merged"));
    }

    private Tensor output() {
        try (var _ = Grad.disabled()) {
            return model.forward(x).copy();
        }
    }

    private Tensor loss() {
        return model.forward(x).sub(Seed.of(5).normal(5, 32)).square().mean();
    }

    private double step(Collection<Tensor> parameters, double rate) {
        var loss = loss();
        new AdamW(List.copyOf(parameters), rate).minimise(loss);
        return loss.item();
    }
}
