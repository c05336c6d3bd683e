package dev.orrery.flow;

import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;

/// One adaptive integration: the working state of [Solver.Dopri5].
final class DormandPrince {

    private static final double[] NODE = {0, 1 / 5d, 3 / 10d, 4 / 5d, 8 / 9d, 1, 1};
    private static final double[][] STAGE = {
        {},
        {1 / 5d},
        {3 / 40d, 9 / 40d},
        {44 / 45d, -56 / 15d, 32 / 9d},
        {19372 / 6561d, -25360 / 2187d, 64448 / 6561d, -212 / 729d},
        {9017 / 3168d, -355 / 33d, 46732 / 5247d, 49 / 176d, -5103 / 18656d},
        {35 / 384d, 0, 500 / 1113d, 125 / 192d, -2187 / 6784d, 11 / 84d}
    };

    /// Fifth-order weights minus the embedded fourth-order ones.
    private static final double[] ERROR = {
        71 / 57600d, 0, -71 / 16695d, 71 / 1920d, -17253 / 339200d, 22 / 525d, -1 / 40d
    };

    private final Solver.Dopri5 rule;
    private final VelocityField field;
    private final double end;
    private int evaluations;

    DormandPrince(Solver.Dopri5 rule, VelocityField field, double end) {
        this.rule = rule;
        this.field = field;
        this.end = end;
    }

    Solver.Solution integrate(Tensor start, double from) {
        var x = start;
        double time = from, direction = Math.signum(end - from);
        Tensor slope;
        double h;
        try (var scope = TensorScope.open()) {
            slope = scope.keep(at(x, time));
            h = firstStep(x, slope, time, direction);
        }
        for (int attempt = 0; attempt < rule.mostSteps(); attempt++) {
            double left = Math.abs(end - time);
            boolean last = h >= left * (1 - 1e-12);
            double step = direction * (last ? left : h), target = last ? end : time + step;
            try (var scope = TensorScope.open()) {
                var k = new Tensor[7];
                k[0] = slope;
                Tensor next = x;
                for (int s = 1; s < 7; s++) {
                    next = combine(x, k, STAGE[s], step);
                    k[s] = at(next, s >= 5 ? target : time + NODE[s] * step);
                }
                double error = norm(combine(null, k, ERROR, step), x, next);
                if (!Double.isFinite(error)) Solver.requireFinite(next, target);
                if (error <= 1) {
                    if (x != start) x.close();
                    slope.close();
                    x = scope.keep(next);
                    slope = scope.keep(k[6]);
                    time = target;
                    if (last) {
                        slope.close();
                        return new Solver.Solution(x, evaluations);
                    }
                }
                double factor = error == 0 ? 10 : 0.9 * Math.pow(error, -0.2);
                h = Math.abs(step) * Math.clamp(factor, 0.2, error <= 1 ? 10 : 1);
            }
        }
        throw new ArithmeticException(
                "dopri5 reached time %.6f of %s in %d steps; loosen rtol %s and atol %s or allow more"
                        .formatted(time, end, rule.mostSteps(), rule.relative(), rule.absolute()));
    }

    private Tensor at(Tensor x, double time) {
        evaluations++;
        return field.at(x, time);
    }

    private double firstStep(Tensor x, Tensor slope, double time, double direction) {
        double size = norm(x, x, x), speed = norm(slope, x, x), span = Math.abs(end - time);
        double guess = size < 1e-5 || speed < 1e-5 ? 1e-6 : 0.01 * size / speed;
        guess = Math.min(guess, span);
        var ahead = at(x.add(slope, direction * guess), time + direction * guess);
        double bend = norm(ahead.sub(slope), x, x) / guess;
        double steepest = Math.max(speed, bend);
        double refined =
                steepest <= 1e-15 ? Math.max(1e-6, guess * 1e-3) : Math.pow(0.01 / steepest, 0.2);
        return Math.min(Math.min(100 * guess, refined), span);
    }

    /// Root mean square of a vector in units of the tolerance at a step from `x` to `next`.
    private double norm(Tensor vector, Tensor x, Tensor next) {
        var scale = x.abs().maximum(next.abs()).mul(rule.relative()).add(rule.absolute());
        return Math.sqrt(vector.div(scale).square().mean().item());
    }

    private static Tensor combine(
            @org.jspecify.annotations.Nullable Tensor base,
            Tensor[] k,
            double[] weights,
            double step) {
        var sum = base == null ? k[0].mul(step * weights[0]) : base.add(k[0], step * weights[0]);
        for (int s = 1; s < weights.length; s++) {
            if (weights[s] != 0) sum = sum.add(k[s], step * weights[s]);
        }
        return sum;
    }
}
