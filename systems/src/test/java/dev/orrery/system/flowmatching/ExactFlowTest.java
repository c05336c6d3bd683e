package dev.orrery.system.flowmatching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.flow.DataAt;
import dev.orrery.flow.EnergyDistance;
import dev.orrery.flow.FlowPath;
import dev.orrery.flow.Solver;
import dev.orrery.flow.StepGrid;
import dev.orrery.flow.VelocityField;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import org.junit.jupiter.api.Test;

/// What samplers make of flows that are known exactly, so that no training is in the way: why the
/// claim's F1 finds diffusion paths ahead on two sets.
class ExactFlowTest {

    private static final int SAMPLES = 1024, POINTS = 1024;
    private static final FlowPath STRAIGHT = new FlowPath.Linear();
    private static final FlowPath DIFFUSION = new FlowPath.VariancePreserving();

    @Test
    void eulerShrinksStraightFlowsOfUnitVarianceAndLeavesDiffusionAlone() {
        assertThat(width(STRAIGHT, Solver.Fixed.EULER, 8)).isCloseTo(0.851, within(1e-3));
        assertThat(width(STRAIGHT, Solver.Fixed.MIDPOINT, 4)).isCloseTo(0.998, within(1e-3));
        assertThat(width(DIFFUSION, Solver.Fixed.EULER, 8)).isCloseTo(1, within(1e-4));
    }

    @Test
    void onTheCheckerboardEightEvaluationsFavourDiffusionByEulerAndStraightPathsByMidpoint() {
        var straight = measure(STRAIGHT, ToySet.CHECKERBOARD);
        var diffusion = measure(DIFFUSION, ToySet.CHECKERBOARD);
        assertThat(straight.euler).isGreaterThan(1.5 * diffusion.euler);
        assertThat(straight.midpoint).isLessThan(diffusion.midpoint);
    }

    @Test
    void onTheRingStraightPathsAreAheadEitherWay() {
        var straight = measure(STRAIGHT, ToySet.EIGHT_GAUSSIANS);
        var diffusion = measure(DIFFUSION, ToySet.EIGHT_GAUSSIANS);
        assertThat(straight.euler).isLessThan(diffusion.euler);
        assertThat(straight.midpoint).isLessThan(diffusion.midpoint);
    }

    /// Where the flow from one standard Gaussian to another puts a point that starts at 1, by steps
    /// of a solver; exactly it would end at 1.
    private static double width(FlowPath path, Solver.Fixed solver, int steps) {
        try (var _ = TensorScope.open()) {
            var field =
                    VelocityField.of(
                            DataAt.ONE,
                            (x, time) -> {
                                var c = path.at(time);
                                double variance = c.alpha() * c.alpha() + c.sigma() * c.sigma();
                                double rate = c.alpha() * c.alphaRate() + c.sigma() * c.sigmaRate();
                                return x.mul(rate / variance);
                            });
            return solver.solve(field, Tensor.ones(1, 1), StepGrid.uniform(steps)).x().item();
        }
    }

    private record Distances(double euler, double midpoint) {}

    /// Energy distances at eight evaluations of the exact flow to points of a set.
    private static Distances measure(FlowPath path, ToySet set) {
        var seed = Seed.of(11);
        var points = Tensor.of(set.draw(POINTS, seed.split("points")).data(), POINTS, 2);
        var real = EnergyDistance.to(set.draw(SAMPLES, seed.split("real")).data(), 2);
        var noise = seed.split("noise").normal(SAMPLES, 2);
        var field = VelocityField.of(DataAt.ONE, (x, time) -> velocity(path, points, x, time));
        try (var _ = TensorScope.open()) {
            var euler = Solver.Fixed.EULER.solve(field, noise, StepGrid.uniform(8)).x();
            var midpoint = Solver.Fixed.MIDPOINT.solve(field, noise, StepGrid.uniform(4)).x();
            return new Distances(real.from(euler.toFloats()), real.from(midpoint.toFloats()));
        }
    }

    /// The marginal velocity when the data are exactly these points.
    private static Tensor velocity(FlowPath path, Tensor points, Tensor x, double time) {
        var c = path.at(time);
        var means = points.mul(c.alpha());
        // Half the squared distance, without the part that is the same for all points.
        var distance = means.square().sum(1, false).mul(0.5).sub(x.matmul(means.t()));
        var share = distance.mul(-1 / (c.sigma() * c.sigma())).softmax(1);
        var data = share.matmul(points);
        var noise = x.sub(data.mul(c.alpha())).div(c.sigma());
        return data.mul(c.alphaRate()).add(noise.mul(c.sigmaRate()));
    }
}
