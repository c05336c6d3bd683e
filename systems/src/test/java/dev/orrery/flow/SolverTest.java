package dev.orrery.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SolverTest {

    /// dx/dt = (2 - t²) x, solved by x0 exp(2t - t³/3).
    private static final VelocityField CURVED = (x, t) -> x.mul(2 - t * t);

    private static final double GROWTH = Math.exp(2 - 1 / 3d);

    @ParameterizedTest
    @CsvSource({"EULER,1", "MIDPOINT,2", "HEUN,2", "RK4,4"})
    void errorsFallWithTheOrderOfTheRule(Solver.Fixed rule, int order) {
        double coarse = error(rule, 16), fine = error(rule, 32);
        assertThat(Math.log(coarse / fine) / Math.log(2)).isCloseTo(order, within(0.35));
    }

    @ParameterizedTest
    @EnumSource
    void straightFlowsAreExactInOneStep(Solver.Fixed rule) {
        var noise = Seed.of(1).normal(5, 3);
        var data = Seed.of(2).normal(5, 3);
        var end = rule.solve((_, _) -> data.sub(noise), noise, StepGrid.uniform(1)).x();
        assertThat(end.allclose(data, 1e-5, 1e-6)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void evaluationsAreCountedByStageAndStep(Solver.Fixed rule) {
        var times = new ArrayList<Double>();
        VelocityField counted =
                (x, t) -> {
                    times.add(t);
                    return x;
                };
        var solution = rule.solve(counted, Tensor.ones(1, 1), StepGrid.uniform(7));
        assertThat(solution.evaluations())
                .isEqualTo(times.size())
                .isEqualTo(7 * rule.evaluationsPerStep());
        if (rule == Solver.Fixed.EULER) {
            assertThat(times).doesNotContain(1.0).startsWith(0.0, 1 / 7d).endsWith(6 / 7d);
        }
    }

    @Test
    void everyNumberOfStepsStepsThatOften() {
        for (int n = 1; n <= 300; n++) {
            var end =
                    Solver.Fixed.EULER.solve(
                            (x, _) -> Tensor.onesLike(x), Tensor.zeros(1), StepGrid.uniform(n));
            assertThat(end.evaluations()).isEqualTo(n);
            assertThat(end.x().item()).isCloseTo(1, within(1e-4));
        }
    }

    @Test
    void dopri5KeepsItsToleranceAndCountsItsEvaluations() {
        var count = new int[1];
        VelocityField counted =
                (x, t) -> {
                    count[0]++;
                    return CURVED.at(x, t);
                };
        int cheaper = 0;
        for (double tolerance : new double[] {1e-8, 1e-5, 1e-3}) {
            count[0] = 0;
            var solution = Solver.Dopri5.of(tolerance).solve(counted, start(), StepGrid.uniform(1));
            assertThat(solution.x().toDoubles()[0]).isCloseTo(GROWTH, within(20 * tolerance));
            assertThat(solution.evaluations()).isEqualTo(count[0]);
            assertThat((count[0] - 2) % 6).isZero();
            assertThat(cheaper == 0 || count[0] < cheaper).isTrue();
            cheaper = count[0];
        }
    }

    @Test
    void dopri5RunsBackwardsToo() {
        var solver = Solver.Dopri5.of(1e-7);
        var forth = solver.solve(CURVED, start(), StepGrid.uniform(1)).x();
        var back = solver.solve(CURVED, forth, StepGrid.uniform(1).reversed()).x();
        assertThat(back.toDoubles()[0]).isCloseTo(1, within(1e-5));
    }

    @Test
    void tracesHoldEveryGridTime() {
        var trace =
                Solver.Fixed.EULER.trace(
                        (x, _) -> Tensor.onesLike(x), Tensor.zeros(1), StepGrid.custom(0, 0.25, 1));
        assertThat(trace).extracting(Tensor::item).containsExactly(0.0, 0.25, 1.0);
    }

    @Test
    void gridsHaveTheirShapes() {
        assertThat(StepGrid.uniform(4).times()).containsExactly(0, 0.25, 0.5, 0.75, 1);
        assertThat(StepGrid.quadratic(2).times()).containsExactly(0, 0.75, 1);
        assertThat(StepGrid.uniform(2).shifted(3).times()[1]).isCloseTo(0.25, within(1e-12));
    }

    @Test
    void diffusersGridIsReproduced() {
        var schedule =
                DiffusersSchedule.parse(
                        """
                        {"_class_name": "FlowMatchEulerDiscreteScheduler",
                         "num_train_timesteps": 1000, "shift": 3.0, "use_dynamic_shifting": false}
                        """);
        // sigma_min = 3e-3 / 1.002; sigmas run evenly from 1 to it and are shifted again.
        double least = 0.003 / 1.002, middle = (1 + least) / 2;
        var times = schedule.grid(3).times();
        assertThat(times).hasSize(4);
        assertThat(times[0]).isZero();
        assertThat(1 - times[1]).isCloseTo(3 * middle / (1 + 2 * middle), within(1e-12));
        assertThat(1 - times[2]).isCloseTo(3 * least / (1 + 2 * least), within(1e-12));
        assertThat(times[3]).isEqualTo(1);
        assertThatThrownBy(() -> DiffusersSchedule.parse("{\"use_dynamic_shifting\": true}"))
                .hasMessageContaining("use_dynamic_shifting");
    }

    @Test
    void badGridsAndStatesAreNamed() {
        assertThatThrownBy(() -> StepGrid.uniform(0)).hasMessageContaining("at least 1");
        assertThatThrownBy(() -> StepGrid.custom(0, 0.5, 0.5)).hasMessageContaining("strictly");
        assertThatThrownBy(() -> StepGrid.custom(0, 1.5)).hasMessageContaining("[0, 1]");
        assertThatThrownBy(() ->
                        Solver.Fixed.EULER.solve(
                                (x, _) -> x.mul(Double.NaN), Tensor.ones(2), StepGrid.uniform(2)))
                .isInstanceOf(ArithmeticException.class)
                .hasMessageContaining("finite");
        assertThatThrownBy(() ->
                        new Solver.Dopri5(1e-9, 1e-9, 3)
                                .solve(CURVED, start(), StepGrid.uniform(1)))
                .hasMessageContaining("in 3 steps");
    }

    private static double error(Solver rule, int steps) {
        var end = rule.solve(CURVED, start(), StepGrid.uniform(steps)).x().toDoubles()[0];
        return Math.abs(end - GROWTH);
    }

    private static Tensor start() {
        return Tensor.of(new double[] {1}, 1);
    }
}
