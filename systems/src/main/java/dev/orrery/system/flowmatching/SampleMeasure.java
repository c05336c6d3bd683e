package dev.orrery.system.flowmatching;

import dev.orrery.flow.EnergyDistance;
import dev.orrery.flow.Solver;
import dev.orrery.flow.StepGrid;
import dev.orrery.run.Report;
import dev.orrery.system.flowmatching.FlowMatchingConfig.Head;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.List;

/// What samples of a trained model are worth. Noise, conditions and real samples come from a seed
/// that training never sees.
final class SampleMeasure {

    static final int[] EULER_STEPS = {1, 2, 4, 8, 16, 32, 64};
    static final int MIDPOINTS = 4;
    static final double TOLERANCE = 1e-3;

    private SampleMeasure() {}

    static Report of(FlowMatching model, FlowMatchingConfig config, Seed seed) {
        try (var _ = TensorScope.open();
                var _ = Grad.disabled()) {
            return config.set() == ToySet.BIMODAL_ACTIONS
                    ? actions(model, config, seed)
                    : planar(model, config, seed);
        }
    }

    /// Energy distance by number of Euler steps, and of eight evaluations by the midpoint rule, the
    /// floor between two real sets, straightness, and the evaluations that the adaptive solver
    /// takes.
    private static Report planar(FlowMatching model, FlowMatchingConfig config, Seed seed) {
        int count = config.sampling().samples();
        var set = config.set();
        var real = EnergyDistance.to(set.draw(count, seed.split("real")).data(), set.dims());
        var noise = seed.split("noise").normal(count, set.dims());
        var field = model.field(Tensor.zeros(count, 0));
        var report = Report.empty();
        double straightness = 0;
        for (int steps : EULER_STEPS) {
            try (var _ = TensorScope.open()) {
                var trace = Solver.Fixed.EULER.trace(field, noise, StepGrid.uniform(steps));
                report =
                        report.with(
                                "energy_distance@" + steps, real.from(trace.getLast().toFloats()));
                straightness = straightness(trace);
            }
        }
        try (var _ = TensorScope.open()) {
            var end = Solver.Fixed.MIDPOINT.solve(field, noise, StepGrid.uniform(MIDPOINTS)).x();
            report =
                    report.with(
                            "midpoint_energy_distance@" + 2 * MIDPOINTS, real.from(end.toFloats()));
        }
        int evaluations =
                Solver.Dopri5.of(TOLERANCE).solve(field, noise, StepGrid.uniform(1)).evaluations();
        return report.with("dopri5_nfe", evaluations)
                .with("straightness", straightness)
                .with("floor", real.from(set.draw(count, seed.split("real again")).data()));
    }

    /// `E ∫ |v - (x(1) - x(0))|² dt` along trajectories of evenly spaced Euler steps, taken from
    /// the longest: 0 for straight ones.
    private static double straightness(List<Tensor> trace) {
        int steps = trace.size() - 1;
        var whole = trace.getLast().sub(trace.getFirst());
        double sum = 0;
        for (int k = 0; k < steps; k++) {
            try (var _ = TensorScope.open()) {
                var velocity = trace.get(k + 1).sub(trace.get(k)).mul(steps);
                sum += velocity.sub(whole).square().sum(1).mean().item();
            }
        }
        return sum / steps;
    }

    /// Share of chunks that collide, and that pass on the left.
    private static Report actions(FlowMatching model, FlowMatchingConfig config, Seed seed) {
        int count = config.sampling().samples(), dims = config.set().dims();
        var conditions = config.set().draw(count, seed.split("real")).conditions();
        var given = Tensor.of(conditions, count, 1);
        var chunks =
                config.method().head() == Head.REGRESSION
                        ? model.regress(given)
                        : Solver.Fixed.EULER
                                .solve(
                                        model.field(given),
                                        seed.split("noise").normal(count, dims),
                                        StepGrid.uniform(config.sampling().steps()))
                                .x();
        var values = chunks.toFloats();
        int collisions = 0, left = 0;
        for (int i = 0; i < count; i++) {
            if (BimodalActions.collides(values, i * dims, conditions[i])) collisions++;
            if (BimodalActions.passesLeft(values, i * dims, conditions[i])) left++;
        }
        return Report.of("collision_rate", collisions / (double) count)
                .with("left_share", left / (double) count);
    }
}
