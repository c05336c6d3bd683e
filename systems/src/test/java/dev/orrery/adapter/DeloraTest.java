package dev.orrery.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.adapter.AdapterConfig.Method;
import dev.orrery.adapter.AdapterConfig.Targets;
import dev.orrery.adapter.DeloraForm.Norms;
import dev.orrery.adapter.DeloraForm.Start;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Mlp;
import dev.orrery.optim.AdamW;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeloraTest {

    private static final Targets BOTH = new Targets.Named(List.of("fc1", "fc2"));

    @TempDir Path folder;
    private final TensorScope scope = TensorScope.open();
    private final Mlp model = new Mlp(8, 12, Seed.of(1));
    private final Tensor x = Seed.of(2).normal(5, 8);

    @AfterEach
    void close() {
        scope.close();
    }

    static Stream<DeloraForm> forms() {
        return Stream.concat(
                DeloraForm.ladder().stream(),
                Stream.of(
                        DeloraForm.PEFT,
                        new DeloraForm(true, Norms.FROBENIUS, true, Start.FROZEN_COPY)));
    }

    private Adapter on(DeloraForm form) {
        return Adapter.on(
                model, new AdapterConfig(new Method.Delora(3, 2, form), BOTH), Seed.of(3));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void theFirstOutputIsTheModelsToTheBit(DeloraForm form) {
        var before = output();
        on(form);
        assertThat(output().toFloats()).isEqualTo(before.toFloats());
    }

    @ParameterizedTest
    @MethodSource("forms")
    void oneStepOnAProcessorChangesTheWeight(DeloraForm form) {
        var adapter = on(form);
        step(adapter, 1e-2);
        if (form.start() == Start.ZERO_B) step(adapter, 1e-2);
        assertThat(adapter.strengths().get("fc1").change()).isPositive();
        assertThat(adapter.strengths().get("fc2").change()).isPositive();
    }

    @ParameterizedTest
    @MethodSource("forms")
    void theForwardIsThatOfTheChangedWeight(DeloraForm form) {
        var adapter = on(form);
        for (int i = 0; i < 4; i++) step(adapter, 1e-2);
        var adapted = output();
        adapter.merge();
        assertThat(output().sub(adapted).abs().max().item()).isLessThan(1e-5);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void whateverTheFactorsTheChangeStaysWithinItsStrength(long seed) {
        var form = new DeloraForm(true, Norms.NONE, true, Start.ZERO_B);
        var adapter = on(form);
        scatter(adapter, seed);
        for (var strength : adapter.strengths().values()) {
            assertThat(strength.change()).isLessThanOrEqualTo(Math.abs(strength.lambda()) * 1.0001);
            assertThat(strength.change()).isPositive();
        }
    }

    @Test
    void theBoundIsReachedWhereAllComponentsAgree() {
        var form = new DeloraForm(true, Norms.NONE, true, Start.ZERO_B);
        var adapter = on(form);
        try (var _ = Grad.disabled()) {
            adapter.namedParameters()
                    .forEach((name, p) -> {
                        if (!name.endsWith("lambda")) p.fill_(1);
                    });
        }
        assertThat(adapter.strengths().get("fc1").change()).isCloseTo(2, within(1e-4));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void gradientsOfDirectionsAreOrthogonalToThem(long seed) {
        var adapter = on(DeloraForm.PEFT);
        scatter(adapter, seed);
        loss().backward();
        var rows = named(adapter, "fc1.delora_A");
        var columns = named(adapter, "fc2.delora_B");
        assertThat(rows.grad().abs().max().item()).isGreaterThan(1e-4);
        assertThat(rows.detach().mul(rows.grad()).sum(1, false).abs().max().item())
                .isLessThan(1e-5);
        assertThat(columns.detach().mul(columns.grad()).sum(0, false).abs().max().item())
                .isLessThan(1e-5);
    }

    @Test
    void theBareRungLearnsAsLoraFromTheSameFactorsDoes() {
        var bare = DeloraForm.ladder().getFirst();
        var linear = new Linear(6, 4, Seed.of(9));
        var delora = new DeloraLayer("l", linear, new Method.Delora(2, 3, bare), Seed.of(4));
        scatter(delora.namedParameters().values().stream().toList(), 5);
        var state = delora.stateDict();
        var expected =
                state.get("delora_B")
                        .matmul(state.get("delora_A"))
                        .sub(state.get("frozen_B").matmul(state.get("frozen_A")))
                        .mul(1.5);
        var change = delora.weight(linear.storedWeight()).sub(linear.storedWeight());
        assertThat(change.sub(expected).abs().max().item()).isLessThan(1e-5);
    }

    @Test
    void warmingUpScalesTheChange() {
        var adapter = on(DeloraForm.PEFT);
        scatter(adapter, 1);
        double whole = adapter.strengths().get("fc1").change();
        adapter.warmth(0.25);
        assertThat(adapter.strengths().get("fc1").change()).isCloseTo(whole / 4, within(1e-4));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> adapter.warmth(2))
                .withMessageContaining("warmth 2.0");
    }

    @Test
    void aStrengthThatIsNotLearnedIsNoParameter() {
        var adapter = on(DeloraForm.ladder().get(2));
        assertThat(adapter.namedParameters())
                .noneSatisfy((n, _) -> assertThat(n).contains("lambda"));
        assertThat(adapter.strengths().get("fc1").lambda()).isEqualTo(2);
    }

    @Test
    void mergingAndSwitchingNeverWorksOutTheNormsAgain() {
        var adapter = on(DeloraForm.PEFT);
        scatter(adapter, 1);
        var norms = named(adapter, "fc1.delora_w_norm").toFloats();
        adapter.merge();
        assertThat(named(adapter, "fc1.delora_w_norm").toFloats()).isEqualTo(norms);
    }

    @Test
    void anotherBaseIsNoticedByItsNorms() {
        var adapter = on(DeloraForm.PEFT);
        adapter.save(folder, "a model");
        adapter.detach();
        var other = new Mlp(8, 12, Seed.of(77));
        assertThatThrownBy(() -> Adapter.open(other, folder)).hasMessageContaining("fingerprint");
        assertThatThrownBy(
                        () -> {
                            var layer =
                                    new DeloraLayer(
                                            "fc1",
                                            (Linear) model.children().get("fc1"),
                                            new Method.Delora(2, 1),
                                            Seed.of(1));
                            layer.requireBase(
                                    "fc1", ((Linear) other.children().get("fc1")).storedWeight());
                        })
                .hasMessageContaining("another base");
        assertThat(Adapter.openForced(other, folder).paths()).hasSize(2);
    }

    @Test
    void inputsThatCanNeverBeAdaptedAreCounted() {
        try (var _ = Grad.disabled()) {
            model.stateDict().get("fc1.weight").narrow(1, 2, 3).zero_();
        }
        assertThat(on(DeloraForm.PEFT).warnings()).singleElement().asString().contains("3 inputs");
    }

    @Test
    void brokenWeightsAndFormsThatPeftLacksAreRefused() {
        var adapter = on(DeloraForm.PAPER);
        assertThatIllegalStateException()
                .isThrownBy(() -> adapter.save(folder, "a model"))
                .withMessageContaining("no place");
        adapter.detach();
        try (var _ = Grad.disabled()) {
            model.stateDict().get("fc1.weight").narrow(0, 0, 1).fill_(Double.NaN);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> on(DeloraForm.PEFT))
                .withMessageContaining("not finite");
    }

    private static void scatter(Adapter adapter, long seed) {
        scatter(List.copyOf(adapter.parameters()), seed);
    }

    private static void scatter(List<Tensor> parameters, long seed) {
        try (var _ = Grad.disabled()) {
            for (int i = 0; i < parameters.size(); i++) {
                var p = parameters.get(i);
                p.copy_(Seed.of(seed).split(i).normal(p.shape()));
            }
        }
    }

    private static Tensor named(Adapter adapter, String end) {
        return adapter.stateDict().get("base_model.model." + end);
    }

    private Tensor output() {
        try (var _ = Grad.disabled()) {
            return model.forward(x).copy();
        }
    }

    private Tensor loss() {
        return model.forward(x).sub(Seed.of(5).normal(5, 8)).square().mean();
    }

    private void step(Adapter adapter, double rate) {
        new AdamW(adapter.parameters(), rate).minimise(loss());
    }
}
