package dev.orrery.flow;

import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;

/// Integrates `dx/dt = v(x, t)` over a grid of times. Gradients are not recorded.
public sealed interface Solver {

    /// Where integration ended and what it cost.
    ///
    /// @param x `(B, ...)`
    /// @param evaluations calls of the velocity field (NFE); a stage counts, not a step
    record Solution(Tensor x, int evaluations) {}

    /// Carries `x` from the first to the last time of the grid.
    ///
    /// @throws ArithmeticException if the state stops being finite
    Solution solve(VelocityField field, Tensor x, StepGrid grid);

    /// Rules with a fixed number of evaluations a step, one step between neighbouring grid times.
    ///
    /// Steps are counted with an integer, never by comparing times, so none is lost or repeated.
    enum Fixed implements Solver {
        /// First order. Over [StepGrid#uniform] N steps are N evaluations, none at the end time.
        EULER(1),
        /// Second order, through the middle of the step.
        MIDPOINT(2),
        /// Second order, mean of the slopes at both ends.
        HEUN(2),
        /// Fourth order, the classical rule.
        RK4(4);

        private final int evaluations;

        Fixed(int evaluations) {
            this.evaluations = evaluations;
        }

        /// Calls of the field in one step.
        public int evaluationsPerStep() {
            return evaluations;
        }

        @Override
        public Solution solve(VelocityField field, Tensor x, StepGrid grid) {
            var states = integrate(field, x, grid, false);
            return new Solution(states.getLast(), evaluations * grid.steps());
        }

        /// The states at all grid times, the given one first.
        public List<Tensor> trace(VelocityField field, Tensor x, StepGrid grid) {
            return integrate(field, x, grid, true);
        }

        private List<Tensor> integrate(
                VelocityField field, Tensor start, StepGrid grid, boolean all) {
            var states = new ArrayList<Tensor>(List.of(start));
            var times = grid.times();
            try (var _ = Grad.disabled()) {
                for (int k = 0; k < grid.steps(); k++) {
                    var before = states.getLast();
                    try (var scope = TensorScope.open()) {
                        states.add(scope.keep(step(field, before, times[k], times[k + 1])));
                    }
                    if (!all) {
                        states.removeFirst();
                        if (before != start) before.close();
                    }
                }
            }
            requireFinite(states.getLast(), grid.times()[grid.steps()]);
            return List.copyOf(states);
        }

        private Tensor step(VelocityField field, Tensor x, double from, double to) {
            double h = to - from, middle = from + h / 2;
            var k1 = field.at(x, from);
            return switch (this) {
                case EULER -> x.add(k1, h);
                case MIDPOINT -> x.add(field.at(x.add(k1, h / 2), middle), h);
                case HEUN -> x.add(k1.add(field.at(x.add(k1, h), to)), h / 2);
                case RK4 -> {
                    var k2 = field.at(x.add(k1, h / 2), middle);
                    var k3 = field.at(x.add(k2, h / 2), middle);
                    var k4 = field.at(x.add(k3, h), to);
                    yield x.add(k1.add(k2, 2).add(k3, 2).add(k4), h / 6);
                }
            };
        }
    }

    /// The adaptive rule of Dormand and Prince: fifth order, its error judged by an embedded fourth
    /// order. The error is the root mean square over the whole batch, so a batch shares its steps.
    /// Of the grid only the ends matter.
    ///
    /// Source: Dormand and Prince (1980); first step and step control as in Hairer, Nørsett and
    /// Wanner, *Solving Ordinary Differential Equations I*, II.4.
    ///
    /// @param relative tolerance relative to the state
    /// @param absolute tolerance added to it
    /// @param mostSteps attempts before giving up
    record Dopri5(double relative, double absolute, int mostSteps) implements Solver {

        public Dopri5 {
            if (!(relative > 0) || !(absolute > 0) || mostSteps < 1) {
                throw new IllegalArgumentException(
                        "dopri5 needs tolerances and steps above 0, got rtol %s, atol %s, %d steps"
                                .formatted(relative, absolute, mostSteps));
            }
        }

        /// Both tolerances equal.
        public static Dopri5 of(double tolerance) {
            return new Dopri5(tolerance, tolerance, 10_000);
        }

        @Override
        public Solution solve(VelocityField field, Tensor x, StepGrid grid) {
            try (var _ = Grad.disabled()) {
                var run = new DormandPrince(this, field, grid.times()[grid.steps()]);
                return run.integrate(x, grid.times()[0]);
            }
        }
    }

    /// Stops with a clear message where the state left the numbers.
    static void requireFinite(Tensor x, double time) {
        try (var _ = TensorScope.open()) {
            if (!Double.isFinite(x.sum().item()) && !x.isfinite().all().toBooleans()[0]) {
                throw new ArithmeticException(
                        "sampling left the finite numbers before time %.4f; check the weights, the"
                                        .formatted(time)
                                + " convention (dataAt) and the size of the guidance");
            }
        }
    }
}
