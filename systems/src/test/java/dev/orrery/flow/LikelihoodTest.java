package dev.orrery.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.flow.Likelihood.Trace;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import org.junit.jupiter.api.Test;

class LikelihoodTest {

    private static final double DEVIATION = 0.6, MEAN = 1.5;

    /// The exact flow from N(0, 1) to N(MEAN, DEVIATION²), the same in each dimension.
    private static final VelocityField TO_GAUSSIAN =
            (x, t) -> {
                double variance = t * t * DEVIATION * DEVIATION + (1 - t) * (1 - t);
                double rate = (t * DEVIATION * DEVIATION - (1 - t)) / variance;
                return x.sub(MEAN * t).mul(rate).add(MEAN);
            };

    private final Tensor data = Seed.of(3).normal(5, 2, 2);

    @Test
    void aGaussianHasItsOwnDensity() {
        for (Solver solver : new Solver[] {Solver.Fixed.RK4, Solver.Dopri5.of(1e-6)}) {
            check(new Likelihood(solver, new Trace.Exact()), 1e-3);
        }
    }

    @Test
    void hutchinsonIsExactWhereTheJacobianIsDiagonal() {
        check(new Likelihood(Solver.Fixed.RK4, new Trace.Hutchinson(1, Seed.of(4))), 1e-3);
    }

    @Test
    void hutchinsonIsUnbiasedWhereItIsNot() {
        var mix = Seed.of(5).normal(4, 4).mul(0.5);
        VelocityField linear = (x, _) -> x.reshape(-1, 4).matmul(mix).reshape(x.shape());
        var grid = StepGrid.uniform(4);
        var exact = new Likelihood(Solver.Fixed.RK4, new Trace.Exact());
        var estimate = new Likelihood(Solver.Fixed.RK4, new Trace.Hutchinson(200, Seed.of(6)));
        double truth = exact.logDensity(linear, data, grid)[0];
        assertThat(estimate.logDensity(linear, data, grid)[0]).isCloseTo(truth, within(0.4));
        assertThat(truth - exact.logDensity((x, _) -> x.mul(0), data, grid)[0]).isNotZero();
    }

    @Test
    void bitsPerDimensionOfAStandardNormalAreItsEntropyAtTheMean() {
        double density = -0.5 * 3 * Math.log(2 * Math.PI);
        assertThat(Likelihood.bitsPerDim(density, 3)).isCloseTo(1.3257, within(1e-4));
    }

    private void check(Likelihood likelihood, double tolerance) {
        var densities = likelihood.logDensity(TO_GAUSSIAN, data, StepGrid.uniform(40));
        var values = data.toDoubles();
        for (int b = 0; b < 5; b++) {
            double expected = 0;
            for (int d = 0; d < 4; d++) {
                double z = (values[4 * b + d] - MEAN) / DEVIATION;
                expected -= 0.5 * (z * z + Math.log(2 * Math.PI)) + Math.log(DEVIATION);
            }
            assertThat(densities[b]).isCloseTo(expected, within(tolerance * Math.abs(expected)));
        }
    }
}
