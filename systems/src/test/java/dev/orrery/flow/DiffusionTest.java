package dev.orrery.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DiffusionTest {

    /// The exact straight-path flow from N(0, 1) to N(0, 0.25).
    private static final VelocityField NARROWING =
            (x, t) -> x.mul((0.25 * t - (1 - t)) / (0.25 * t * t + (1 - t) * (1 - t)));

    @ParameterizedTest
    @EnumSource
    void stirringKeepsTheMarginals(Diffusion.Form form) {
        var diffusion = new Diffusion(new FlowPath.Linear(), form, 1);
        var noise = Seed.of(1);
        var trace =
                diffusion.trace(
                        NARROWING,
                        noise.normal(4000, 1),
                        StepGrid.custom(grid(80, 0.98)),
                        k -> noise.split(k).normal(4000, 1));
        assertThat(trace).hasSize(82);
        assertThat(trace.getLast().square().mean().item()).isCloseTo(0.25, within(0.025));
        assertThat(diffusion.coefficient(1)).isCloseTo(0, within(1e-12));
    }

    @Test
    void withoutStirringItIsTheEulerRule() {
        var diffusion = new Diffusion(new FlowPath.Linear(), Diffusion.Form.SIGMA, 0);
        var start = Seed.of(2).normal(5, 1);
        var grid = StepGrid.uniform(4);
        var end = diffusion.trace(NARROWING, start, grid, _ -> Tensor.zeros(5, 1)).getLast();
        assertThat(end.equal(Solver.Fixed.EULER.solve(NARROWING, start, grid).x())).isTrue();
    }

    private static double[] grid(int steps, double end) {
        var times = new double[steps + 1];
        for (int k = 0; k <= steps; k++) times[k] = end * k / steps;
        return times;
    }
}
