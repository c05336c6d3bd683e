package dev.orrery.flow;

import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/// Sampling by the stochastic equation with the same marginals as the flow, `dx = (v + w s) dt +
/// √(2 w) dW`, where s is the score and w how much noise is stirred in.
///
/// Source: SiT, arXiv:2401.08740 section 2.4.
///
/// @param form how w falls with time; each form vanishes at the data end
/// @param scale factor on it
public record Diffusion(FlowPath path, Form form, double scale) {

    /// The shape of the diffusion coefficient w.
    public enum Form {
        /// The path's own noise level, `sigma(t)`.
        SIGMA,
        /// `1 - t`.
        LINEAR,
        /// `((1 + cos πt) / 2)²`.
        DECREASING
    }

    public Diffusion {
        if (!(scale >= 0) || Double.isInfinite(scale)) {
            throw new IllegalArgumentException(
                    "diffusion scale is %s; use 0 for the plain flow or a positive number"
                            .formatted(scale));
        }
    }

    /// States at all grid times by the Euler-Maruyama rule, the given one first. If the grid stops
    /// before time 1, one more step without noise goes there.
    ///
    /// @param noise standard normal `(B, ...)` for each step
    public List<Tensor> trace(
            VelocityField field, Tensor start, StepGrid grid, IntFunction<Tensor> noise) {
        var states = new ArrayList<>(List.of(start));
        var times = grid.times();
        try (var _ = Grad.disabled()) {
            for (int k = 0; k < grid.steps(); k++) {
                try (var scope = TensorScope.open()) {
                    double h = times[k + 1] - times[k], w = coefficient(times[k]);
                    var mean = states.getLast().add(drift(field, states.getLast(), times[k]), h);
                    states.add(scope.keep(mean.add(noise.apply(k), Math.sqrt(2 * w * h))));
                }
            }
            double last = times[grid.steps()];
            if (last < 1) {
                try (var scope = TensorScope.open()) {
                    var drift = drift(field, states.getLast(), last);
                    states.add(scope.keep(states.getLast().add(drift, 1 - last)));
                }
            }
        }
        Solver.requireFinite(states.getLast(), 1);
        return List.copyOf(states);
    }

    /// w at a time.
    public double coefficient(double time) {
        return scale
                * switch (form) {
                    case SIGMA -> path.at(time).sigma();
                    case LINEAR -> 1 - time;
                    case DECREASING -> Math.pow((1 + Math.cos(Math.PI * time)) / 2, 2);
                };
    }

    private Tensor drift(VelocityField field, Tensor x, double time) {
        var velocity = field.at(x, time);
        var score = Prediction.SCORE.fromVelocity(path, velocity, x, time);
        return velocity.add(score, coefficient(time));
    }
}
