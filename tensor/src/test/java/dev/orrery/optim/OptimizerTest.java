package dev.orrery.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.nn.Linear;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptimizerTest {

    private static final double[] GRADIENTS = {0.5, -2, 0.25, 3, -0.125};

    /// Takes steps on one weight with the gradients above and returns where it ends.
    private static double end(Function<Map<String, Tensor>, Optimizer> make) {
        var w = Tensor.of(new float[] {1}, 1).requiresGrad_(true);
        var optimizer = make.apply(Map.of("w", w));
        for (double g : GRADIENTS)
            try (var _ = TensorScope.open()) {
                optimizer.minimise(w.mul(g).sum());
            }
        return w.item();
    }

    private static double adam(double lr, double decay, boolean decoupled) {
        double w = 1, m = 0, v = 0;
        for (int t = 1; t <= GRADIENTS.length; t++) {
            double g = GRADIENTS[t - 1] + (decoupled ? 0 : decay * w);
            if (decoupled) w -= lr * decay * w;
            m = 0.9 * m + 0.1 * g;
            v = 0.999 * v + 0.001 * g * g;
            w -=
                    lr
                            * (m / (1 - Math.pow(0.9, t)))
                            / (Math.sqrt(v / (1 - Math.pow(0.999, t))) + 1e-8);
        }
        return w;
    }

    @Test
    void adamWFollowsItsFormulaFusedAndPlain() {
        var settings = AdamW.Settings.of(0.1).withWeightDecay(0.2);
        assertThat(end(p -> new AdamW(p, settings))).isCloseTo(adam(0.1, 0.2, true), within(1e-5));
        assertThat(end(p -> AdamW.plain(ParameterGroup.all(p), settings)))
                .isCloseTo(adam(0.1, 0.2, true), within(1e-5));
    }

    @Test
    void adamFollowsItsFormula() {
        assertThat(end(p -> new Adam(p, AdamW.Settings.of(0.1).withWeightDecay(0.2))))
                .isCloseTo(adam(0.1, 0.2, false), within(1e-5));
    }

    @Test
    void sgdFollowsItsFormula() {
        double plain = 1, heavy = 1, v = 0, nesterov = 1, u = 0;
        for (double g : GRADIENTS) {
            plain -= 0.1 * g;
            v = 0.9 * v + g + 0.01 * heavy;
            heavy -= 0.1 * v;
            u = 0.9 * u + g;
            nesterov -= 0.1 * (g + 0.9 * u);
        }
        assertThat(end(p -> new Sgd(p, Sgd.Settings.of(0.1)))).isCloseTo(plain, within(1e-5));
        assertThat(end(p -> new Sgd(p, new Sgd.Settings(0.1, 0.9, false, 0.01))))
                .isCloseTo(heavy, within(1e-5));
        assertThat(end(p -> new Sgd(p, new Sgd.Settings(0.1, 0.9, true, 0))))
                .isCloseTo(nesterov, within(1e-5));
    }

    @Test
    void laPropFollowsItsFormulaWithAdaptiveClipping() {
        double w = 1, m = 0, v = 0;
        for (int t = 1; t <= GRADIENTS.length; t++) {
            double most = 0.3 * Math.max(1e-3, Math.abs(w));
            double g = GRADIENTS[t - 1] / Math.max(1, Math.abs(GRADIENTS[t - 1]) / most);
            v = 0.999 * v + 0.001 * g * g;
            m = 0.9 * m + 0.1 * g / (Math.sqrt(v / (1 - Math.pow(0.999, t))) + 1e-20);
            w -= 0.05 * m / (1 - Math.pow(0.9, t));
        }
        assertThat(end(p -> new LaProp(p, LaProp.Settings.of(0.05)))).isCloseTo(w, within(1e-5));
    }

    @Test
    void laPropTrainsGroupsAtRatesOfTheirOwn() {
        try (var _ = TensorScope.open()) {
            var fast = Tensor.full(1, 1).requiresGrad_(true);
            var slow = Tensor.full(1, 1).requiresGrad_(true);
            var groups =
                    List.of(
                            new ParameterGroup(Map.of("fast", fast), 1, 1),
                            new ParameterGroup(Map.of("slow", slow), .1, 1));
            new LaProp(groups, LaProp.Settings.of(0.05)).minimise(fast.add(slow).sum());
            assertThat(1 - fast.item()).isCloseTo(.05, within(1e-6));
            assertThat(1 - slow.item()).isCloseTo(.005, within(1e-6));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"AdamW", "Adam", "Sgd", "LaProp"})
    void aRestoredOptimizerContinuesToTheBit(String kind) {
        var straight = losses(kind, 12, -1);
        var resumed = losses(kind, 12, 5);
        assertThat(resumed).isEqualTo(straight);
        assertThat(straight[11]).isLessThan(straight[0]);
    }

    private static Optimizer optimizer(String kind, Linear model) {
        var named = model.namedParameters();
        return switch (kind) {
            case "AdamW" -> new AdamW(named, AdamW.Settings.of(0.05));
            case "Adam" -> new Adam(named, AdamW.Settings.of(0.05));
            case "Sgd" -> new Sgd(named, new Sgd.Settings(0.05, 0.9, true, 1e-3));
            default -> new LaProp(named, LaProp.Settings.of(0.05));
        };
    }

    private static double[] losses(String kind, int steps, int restartAt) {
        var model = new Linear(4, 3, Seed.of(1));
        var optimizer = optimizer(kind, model);
        var losses = new double[steps];
        for (int i = 0; i < steps; i++) {
            if (i == restartAt) {
                var weights = copies(model.stateDict());
                var state = copies(optimizer.stateDict());
                model = new Linear(4, 3, Seed.of(99));
                model.load(weights);
                optimizer = optimizer(kind, model);
                optimizer.load(state);
            }
            try (var _ = TensorScope.open()) {
                var x = Seed.of(7).split(i).normal(8, 4);
                var loss = Functional.mseLoss(model.forward(x), x.narrow(1, 0, 3));
                losses[i] = loss.item();
                optimizer.minimise(loss, GradientClip.norm(1));
            }
        }
        return losses;
    }

    private static Map<String, Tensor> copies(Map<String, Tensor> tensors) {
        var copies = new HashMap<String, Tensor>();
        tensors.forEach((name, t) -> copies.put(name, t.detach().copy()));
        return copies;
    }

    @Test
    void groupsHaveRatesAndDecaysOfTheirOwn() {
        var a = Tensor.ones(2, 2).requiresGrad_(true);
        var b = Tensor.ones(2).requiresGrad_(true);
        var c = Tensor.ones(1).requiresGrad_(true);
        var groups = new java.util.ArrayList<>(ParameterGroup.decayMatrices(named(a, b)));
        groups.add(new ParameterGroup(Map.of("c", c), 0, 0));
        var optimizer = AdamW.grouped(groups, AdamW.Settings.of(0.1).withWeightDecay(1));
        optimizer.minimise(a.sum().add(b.sum()).mul(0.0).add(c.sum().mul(5.0)));
        assertThat(a.toFloats()[0]).isCloseTo(0.9f, within(1e-6f));
        assertThat(b.toFloats()[0]).isEqualTo(1f);
        assertThat(c.toFloats()[0]).isEqualTo(1f);
        assertThat(optimizer.stateDict()).containsKeys("0.exp_avg", "1.exp_avg_sq", "c.step");
    }

    private static Map<String, Tensor> named(Tensor... tensors) {
        return ParameterGroup.numbered(List.of(tensors));
    }

    @Test
    void parametersWithoutGradientsAndFrozenOnesStay() {
        var used = Tensor.ones(1).requiresGrad_(true);
        var unused = Tensor.ones(1).requiresGrad_(true);
        var frozen = Tensor.ones(1);
        var optimizer = new AdamW(List.of(used, unused, frozen), 0.1);
        optimizer.minimise(used.mul(2.0).sum());
        assertThat(unused.item()).isEqualTo(1);
        assertThat(frozen.item()).isEqualTo(1);
        assertThat(used.item()).isLessThan(1);
        assertThat(optimizer.parameters()).hasSize(2);
        assertThat(used.hasGrad()).isFalse();
        assertThatThrownBy(() -> new AdamW(List.of(frozen), 0.1))
                .hasMessageContaining("no parameter to train");
    }

    @Test
    void clippingLimitsTheNormOfAllGradientsTogether() {
        var a = Tensor.ones(1).requiresGrad_(true);
        var b = Tensor.ones(1).requiresGrad_(true);
        a.mul(3.0).add(b.mul(4.0)).sum().backward();
        assertThat(GradientClip.norm(1).apply(named(a, b))).isCloseTo(5, within(1e-6));
        assertThat(a.grad().item()).isCloseTo(0.6, within(1e-5));
        assertThat(GradientClip.norm(10).apply(named(a, b))).isCloseTo(1, within(1e-5));
        assertThat(b.grad().item()).isCloseTo(0.8, within(1e-5));
    }

    @Test
    void gradientsThatAreNotFiniteStopTheStepAndNameTheParameter() {
        var a = Tensor.ones(1).requiresGrad_(true);
        var b = Tensor.ones(1).requiresGrad_(true);
        var optimizer = new AdamW(named(a, b), AdamW.Settings.of(0.1));
        var loss = a.sum().add(b.mul(Double.NaN).sum());
        assertThatThrownBy(() -> optimizer.minimise(loss, GradientClip.norm(1)))
                .isInstanceOf(NonFiniteGradientException.class)
                .hasMessageContaining("1 of 2 parameters")
                .hasMessageContaining("[1]");
        assertThat(a.item()).isEqualTo(1);
        assertThat(a.hasGrad()).isFalse();
    }

    @Test
    void accumulatedPartsEqualOneLargeBatch() {
        var x = Seed.of(3).normal(8, 4);
        var whole = new Linear(4, 1, Seed.of(1));
        var parts = new Linear(4, 1, Seed.of(1));
        var one = new Sgd(whole.parameters(), 0.1);
        one.minimise(whole.forward(x).square().mean());
        var many = new Accumulation(new Sgd(parts.parameters(), 0.1), GradientClip.none(), 4);
        for (int i = 0; i < 4; i++) {
            assertThat(many.isWhole()).isEqualTo(i == 0);
            var loss = parts.forward(x.narrow(0, 2L * i, 2)).square().mean();
            assertThat(many.minimise(loss)).isEqualTo(i == 3);
        }
        assertThat(parts.weight().allclose(whole.weight(), 1e-6, 1e-7)).isTrue();
    }

    @Test
    void averagesFollowStandInAndGoBack() {
        var w = Tensor.of(new float[] {0, 4}, 2).requiresGrad_(true);
        var ema = new Ema(Map.of("w", w), 0.75);
        try (var _ = dev.orrery.tensor.Grad.disabled()) {
            w.add_(4.0);
        }
        ema.update();
        assertThat(ema.stateDict().get("w").toFloats()).containsExactly(1, 5);
        try (var _ = ema.applied()) {
            assertThat(w.toFloats()).containsExactly(1, 5);
            assertThatThrownBy(ema::update).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(ema::applied).isInstanceOf(IllegalStateException.class);
        }
        assertThat(w.toFloats()).containsExactly(4, 8);
        assertThat(w.requiresGrad()).isTrue();
        try (var shared = w.detach()) {
            try (var _ = ema.written()) {
                assertThat(shared.toFloats()).as("whoever shares it").containsExactly(1, 5);
                assertThatThrownBy(ema::written).isInstanceOf(IllegalStateException.class);
            }
            assertThat(shared.toFloats()).containsExactly(4, 8);
        }
        ema.update();
        assertThat(ema.stateDict().get("w").toFloats()).containsExactly(1.75f, 5.75f);
        var copy = new LinkedHashMap<>(ema.stateDict());
        copy.put("v", w);
        assertThatThrownBy(() -> ema.load(copy)).hasMessageContaining("unexpected v");
    }

    @Test
    void schedulesPassThroughTheirCorners() {
        var cosine = Schedule.warmupCosine(1, 0.1, 9, 109);
        assertThat(cosine.at(0)).isCloseTo(0.1, within(1e-12));
        assertThat(cosine.at(4)).isCloseTo(0.5, within(1e-12));
        assertThat(cosine.at(9)).isEqualTo(1);
        assertThat(cosine.at(59)).isCloseTo(0.55, within(1e-12));
        assertThat(cosine.at(109)).isCloseTo(0.1, within(1e-12));
        assertThat(cosine.at(10_000)).isCloseTo(0.1, within(1e-12));
        assertThat(Schedule.linear(2, 4, 10).at(5)).isEqualTo(3);
        assertThat(Schedule.constant(3).at(77)).isEqualTo(3);
        var staged = Schedule.constant(3).then(10, Schedule.linear(2, 4, 10));
        assertThat(staged.at(9)).isEqualTo(3);
        assertThat(staged.at(10)).isEqualTo(2);
        assertThat(staged.at(15)).isEqualTo(3);
        assertThatThrownBy(() -> Schedule.warmupCosine(1, 0, 10, 10))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
