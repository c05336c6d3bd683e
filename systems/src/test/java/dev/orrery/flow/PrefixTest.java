package dev.orrery.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.flow.SoftPrefix.Jacobian;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PrefixTest {

    private static final int STEPS = 8;

    /// The exact marginal flow to a Gaussian whose steps hang together: x1 = mean + L z, computed
    /// from the closed-form posterior mean, so steering one step moves its neighbours too.
    private static VelocityField smoothChunks(Tensor covariance) {
        return (x, t) -> {
            // x_t ~ N(0, t² C + (1-t)² I); E[x1 | x_t] = t C (t² C + (1-t)² I)^-1 x_t
            var mixed = covariance.mul(t * t).add(Tensor.eye(STEPS), (1 - t) * (1 - t));
            var gain = covariance.matmul(mixed.inverse()).mul(t);
            var clean = gain.matmul(x);
            return clean.sub(x).div(Math.max(1 - t, 1e-3));
        };
    }

    private static Tensor covariance() {
        var values = new float[STEPS * STEPS];
        for (int i = 0; i < STEPS; i++) {
            for (int j = 0; j < STEPS; j++) {
                values[i * STEPS + j] = (float) Math.exp(-Math.pow((i - j) / 3d, 2) / 2);
            }
            values[i * STEPS + i] += 0.05f;
        }
        return Tensor.of(values, STEPS, STEPS);
    }

    @ParameterizedTest
    @EnumSource
    void softPrefixPullsTheFrozenStepsToTheOldChunk(Jacobian jacobian) {
        var model = smoothChunks(covariance());
        var grid = StepGrid.uniform(10);
        var noise = Seed.of(1).normal(16, STEPS, 2);
        var previous = Solver.Fixed.EULER.solve(model, Seed.of(2).normal(16, STEPS, 2), grid).x();
        var weights = PrefixWeights.of(STEPS, 3, 6, PrefixWeights.Decay.EXPONENTIAL);
        var steered = new SoftPrefix(previous, weights, 5, jacobian).field(model);
        double free = frozenError(Solver.Fixed.EULER.solve(model, noise, grid).x(), previous);
        double held = frozenError(Solver.Fixed.EULER.solve(steered, noise, grid).x(), previous);
        assertThat(held).isLessThan(0.35 * free);
    }

    @Test
    void softPrefixWithTheExactJacobianIsTheWrittenFormula() {
        var model = smoothChunks(covariance());
        var previous = Seed.of(2).normal(1, STEPS, 1);
        var weights = PrefixWeights.of(STEPS, 2, 5, PrefixWeights.Decay.LINEAR);
        var x = Seed.of(3).normal(1, STEPS, 1);
        double t = 0.4, h = 1e-2;
        var soft = new SoftPrefix(previous, weights, 100, Jacobian.PRODUCT);
        var v = model.at(x, t).toDoubles();
        var clean = x.add(model.at(x, t), 1 - t).toDoubles();
        var expected = v.clone();
        for (int k = 0; k < STEPS; k++) {
            var bump = new float[STEPS];
            bump[k] = (float) h;
            var moved = x.add(Tensor.of(bump, 1, STEPS, 1));
            var there = moved.add(model.at(moved, t), 1 - t).toDoubles();
            for (int i = 0; i < STEPS; i++) {
                double error = weights.weights()[i] * (previous.toDoubles()[i] - clean[i]);
                expected[k] += soft.strength(t) * (there[i] - clean[i]) / h * error;
            }
        }
        var actual = soft.field(model).at(x, t).toDoubles();
        for (int k = 0; k < STEPS; k++) assertThat(actual[k]).isCloseTo(expected[k], within(2e-3));
    }

    @Test
    void softPrefixLeavesNoGradientOnParameters() {
        var scale = Tensor.ones(1).requiresGrad_(true);
        var soft =
                new SoftPrefix(
                        Tensor.ones(1, STEPS, 1),
                        PrefixWeights.of(STEPS, 2, 4, PrefixWeights.Decay.LINEAR),
                        5,
                        Jacobian.PRODUCT);
        soft.field((x, _) -> x.mul(scale)).at(Tensor.ones(1, STEPS, 1), 0.5);
        assertThat(scale.hasGrad()).isFalse();
    }

    @Test
    void guidanceStrengthIsBounded() {
        var soft =
                new SoftPrefix(
                        Tensor.ones(1, 4, 1),
                        PrefixWeights.of(4, 1, 2, PrefixWeights.Decay.ZEROS),
                        5,
                        Jacobian.IDENTITY);
        assertThat(soft.strength(0)).isEqualTo(5);
        assertThat(soft.strength(1)).isEqualTo(5);
        assertThat(soft.strength(0.5)).isCloseTo(2, within(1e-12));
    }

    @Test
    void weightsFallFromFrozenToFree() {
        var linear = PrefixWeights.of(6, 2, 5, PrefixWeights.Decay.LINEAR).weights();
        assertThat(linear).containsExactly(1, 1, 0.75, 0.5, 0.25, 0);
        var fast = PrefixWeights.of(6, 2, 5, PrefixWeights.Decay.EXPONENTIAL).weights();
        for (int i = 2; i < 5; i++) assertThat(fast[i]).isBetween(0.0, linear[i]);
        assertThat(PrefixWeights.of(6, 2, 5, PrefixWeights.Decay.ONES).weights())
                .containsExactly(1, 1, 1, 1, 1, 0);
        assertThat(PrefixWeights.of(6, 2, 5, PrefixWeights.Decay.ZEROS).weights())
                .containsExactly(1, 1, 0, 0, 0, 0);
        assertThatThrownBy(() -> PrefixWeights.of(6, 5, 2, PrefixWeights.Decay.ONES))
                .hasMessageContaining("5 frozen");
    }

    @Test
    void hardPrefixKeepsTheKnownActionsAndTellsTheModelTheyAreData() {
        var known = Seed.of(5).normal(2, 3, 2);
        var hard = new HardPrefix(known);
        HardPrefix.PerToken model =
                (x, times) -> {
                    var row = Arrays.copyOf(times.toDoubles(), STEPS);
                    assertThat(row).startsWith(1, 1, 1);
                    assertThat(Arrays.stream(row).skip(3).distinct().count()).isEqualTo(1);
                    assertThat(row[3]).isLessThan(1);
                    assertThat(x.narrow(1, 0, 3).equal(known)).isTrue();
                    return Tensor.onesLike(x);
                };
        var noise = Seed.of(6).normal(2, STEPS, 2);
        var end =
                Solver.Fixed.EULER
                        .solve(hard.field(model), hard.start(noise), StepGrid.uniform(5))
                        .x();
        assertThat(end.narrow(1, 0, 3).equal(known)).isTrue();
        assertThat(end.narrow(1, 3, 5).allclose(noise.narrow(1, 3, 5).add(1), 1e-5, 1e-5)).isTrue();
    }

    @Test
    void trainingTimesPutPrefixesAtTheData() {
        var times = HardPrefix.trainingTimes(new double[] {0.2, 0.4}, new int[] {0, 2}, 3);
        assertThat(times.toDoubles()).containsExactly(0.2, 0.2, 0.2, 1, 1, 0.4);
        assertThatThrownBy(() -> HardPrefix.trainingTimes(new double[] {0.2}, new int[] {3}, 3))
                .hasMessageContaining("use 0 to 2");
        assertThatThrownBy(() -> new HardPrefix(Tensor.zeros(2, 3, 2)).start(Tensor.zeros(2, 3, 2)))
                .hasMessageContaining("do not begin");
    }

    private static double frozenError(Tensor chunk, Tensor previous) {
        return chunk.sub(previous).narrow(1, 0, 3).square().mean().item();
    }
}
