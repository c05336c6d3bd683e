package dev.orrery.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.adapter.AdapterConfig.Method;
import dev.orrery.adapter.AdapterConfig.Targets;
import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureRow;
import dev.orrery.nn.Mlp;
import dev.orrery.optim.AdamW;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdapterTest {

    private static final Path GOLDENS = Path.of("src/test/resources/goldens");
    private static final Targets BOTH = new Targets.Named(List.of("fc1", "fc2"));

    @TempDir Path folder;
    private final TensorScope scope = TensorScope.open();
    private final Mlp model = new Mlp(8, 12, Seed.of(1));
    private final Tensor x = Seed.of(2).normal(5, 8);

    @AfterEach
    void close() {
        scope.close();
    }

    static Stream<Method> methods() {
        return Stream.of(
                new Method.Lora(2, 4, false),
                new Method.Lora(2, 4, true),
                new Method.Dora(2, 4, false),
                new Method.Delora(2, 3),
                new Method.Oft(4, false, 0),
                new Method.Oft(4, true, 5));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "peft-lora",
                "peft-dora",
                "peft-delora",
                "peft-oft",
                "peft-lora-llama",
                "peft-lora-layers",
                "peft-dora-layers"
            })
    void computesWhatTheReferenceDoes(String name) {
        var fixture = Fixture.read(GOLDENS.resolve(name));
        var runner = new AdapterFixture();
        assertThat(runner.runs(fixture)).isTrue();
        assertThat(fixture.compare(runner.run(fixture)))
                .isNotEmpty()
                .allMatch(FixtureRow::passed, "agrees with the reference");
    }

    @ParameterizedTest
    @MethodSource("methods")
    void nothingChangesBeforeTraining(Method method) {
        var before = output();
        Adapter.on(model, new AdapterConfig(method, BOTH), Seed.of(3));
        assertThat(output().sub(before).abs().max().item()).isLessThan(1e-6);
    }

    @ParameterizedTest
    @MethodSource("methods")
    void onlyTheAdapterLearns(Method method) {
        var weights = model.stateDict().get("fc1.weight").copy();
        var adapter = Adapter.on(model, new AdapterConfig(method, BOTH), Seed.of(3));
        double first = train(adapter, 1), last = train(adapter, 60);
        assertThat(last).isLessThan(first);
        assertThat(model.parameters()).noneMatch(Tensor::hasGrad);
        assertThat(model.stateDict().get("fc1.weight").toFloats()).isEqualTo(weights.toFloats());
    }

    @ParameterizedTest
    @MethodSource("methods")
    void mergingKeepsTheOutputAndIsTakenBackToTheBit(Method method) {
        var before = output();
        var adapter = Adapter.on(model, new AdapterConfig(method, BOTH), Seed.of(3));
        train(adapter, 5);
        var adapted = output();
        adapter.merge();
        assertThat(output().sub(adapted).abs().max().item()).isLessThan(1e-5);
        adapter.unmerge();
        assertThat(output().toFloats()).isEqualTo(adapted.toFloats());
        adapter.detach();
        assertThat(output().toFloats()).isEqualTo(before.toFloats());
    }

    @ParameterizedTest
    @MethodSource("methods")
    void whatIsSavedOpensAgain(Method method) {
        Map<String, Integer> ranks = method instanceof Method.Oft ? Map.of() : Map.of("fc2", 1);
        var adapter =
                Adapter.on(
                        model,
                        new AdapterConfig(method, BOTH, ranks, Map.of(), List.of()),
                        Seed.of(3));
        train(adapter, 3);
        var adapted = output();
        adapter.save(folder, "a model");
        adapter.detach();
        var again = Adapter.open(model, folder);
        assertThat(output().toFloats()).isEqualTo(adapted.toFloats());
        assertThat(again.config()).isEqualTo(adapter.config());
    }

    @Test
    void aPatternThatMatchesNothingListsTheLayers() {
        var none = new AdapterConfig(new Method.Lora(2, 4, false), new Targets.Named(List.of("q")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Adapter.on(model, none, Seed.of(3)))
                .withMessageContaining("[fc1, fc2]");
    }

    @Test
    void aRankThatDoesNotFitIsNamed() {
        var big = new AdapterConfig(new Method.Lora(9, 4, false), BOTH);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Adapter.on(model, big, Seed.of(3)))
                .withMessageContaining("rank 9")
                .withMessageContaining("fc1");
    }

    @Test
    void mergingTwiceAndASecondAdapterAreRefused() {
        var config = new AdapterConfig(new Method.Lora(2, 4, false), BOTH);
        var adapter = Adapter.on(model, config, Seed.of(3));
        assertThatIllegalStateException()
                .isThrownBy(() -> Adapter.on(model, config, Seed.of(4)))
                .withMessageContaining("already");
        adapter.merge();
        assertThatIllegalStateException().isThrownBy(adapter::merge);
        adapter.unmerge();
        assertThatIllegalStateException().isThrownBy(adapter::unmerge);
    }

    @Test
    void aSwitchThatIsNotKnownIsRefusedByName() throws IOException {
        var config = Files.readString(GOLDENS.resolve("peft-lora/adapter_config.json"));
        Files.writeString(
                folder.resolve("adapter_config.json"),
                config.replace("\"fan_in_fan_out\": false", "\"fan_in_fan_out\": true"));
        assertThatThrownBy(() -> Adapter.open(model, folder))
                .hasMessageContaining("fan_in_fan_out")
                .hasMessageContaining("not read");
    }

    private Tensor output() {
        try (var _ = Grad.disabled()) {
            return model.forward(x).copy();
        }
    }

    private double train(Adapter adapter, int steps) {
        var optimizer = new AdamW(adapter.parameters(), 1e-2);
        var target = Seed.of(5).normal(5, 8);
        double loss = 0;
        for (int step = 0; step < steps; step++) {
            try (var _ = TensorScope.open()) {
                var error = model.forward(x).sub(target).square().mean();
                optimizer.clearGradients();
                error.backward();
                optimizer.step();
                loss = error.item();
            }
        }
        return loss;
    }
}
