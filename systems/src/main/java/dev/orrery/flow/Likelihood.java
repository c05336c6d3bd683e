package dev.orrery.flow;

import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;

/// The density that a flow gives to data, by carrying them back to the noise while integrating the
/// divergence of the velocity.
///
/// `log p(x1) = log N(x0) - ∫ div v dt`. Source: arXiv:2210.02747 appendix C, arXiv:1810.01367.
///
/// @param solver integrates the sample and its divergence together
/// @param trace how the divergence is computed
public record Likelihood(Solver solver, Trace trace) {

    /// How the trace of the Jacobian is had.
    public sealed interface Trace {

        /// All D diagonal entries, one vector-Jacobian product each: for few dimensions.
        record Exact() implements Trace {}

        /// Hutchinson's estimate with fixed random signs: unbiased, `probes` products.
        record Hutchinson(int probes, Seed seed) implements Trace {
            public Hutchinson {
                if (probes < 1) {
                    throw new IllegalArgumentException(
                            "Hutchinson's trace with %d probes; use at least 1".formatted(probes));
                }
            }
        }
    }

    /// Natural log density of each sample, B values.
    ///
    /// @param data `(B, ...)`
    /// @param grid rising from 0 to 1; it is run backwards
    public double[] logDensity(VelocityField field, Tensor data, StepGrid grid) {
        int batch = (int) data.size(0);
        int dims = Math.toIntExact(data.numel() / batch);
        try (var _ = TensorScope.open()) {
            var probes = probes(batch, dims, data);
            var flat = data.reshape(batch, dims);
            var start = Tensor.cat(List.of(flat, flat.narrow(1, 0, 1).mul(0)), 1);
            VelocityField both =
                    (state, time) ->
                            withDivergence(
                                    field,
                                    state.narrow(1, 0, dims).reshape(data.shape()),
                                    probes,
                                    time);
            var end = solver.solve(both, start, grid.reversed()).x().toDoubles();
            var densities = new double[batch];
            for (int b = 0; b < batch; b++) {
                double square = 0;
                for (int d = 0; d < dims; d++) {
                    square += end[b * (dims + 1) + d] * end[b * (dims + 1) + d];
                }
                densities[b] =
                        end[b * (dims + 1) + dims] - 0.5 * (square + dims * Math.log(2 * Math.PI));
            }
            return densities;
        }
    }

    /// Bits a dimension, `-log2 p / D`.
    ///
    /// @param dims D
    public static double bitsPerDim(double logDensity, int dims) {
        return -logDensity / (dims * Math.log(2));
    }

    private List<Tensor> probes(int batch, int dims, Tensor data) {
        var probes = new ArrayList<Tensor>();
        switch (trace) {
            case Trace.Exact() -> {
                for (int d = 0; d < dims; d++) {
                    var unit = new float[dims];
                    unit[d] = 1;
                    probes.add(
                            Tensor.of(unit, 1, dims)
                                    .expand(batch, dims)
                                    .reshape(data.shape())
                                    .to(data.dtype()));
                }
            }
            case Trace.Hutchinson(int count, var seed) -> {
                for (int p = 0; p < count; p++) {
                    var signs = seed.split(p).integers(2, data.shape());
                    probes.add(signs.to(data.dtype()).mul(2).sub(1));
                }
            }
        }
        return probes;
    }

    private Tensor withDivergence(VelocityField field, Tensor x, List<Tensor> probes, double time) {
        try (var scope = TensorScope.open();
                var _ = Grad.enabled()) {
            var from = x.detach().requiresGrad_(true);
            long batch = from.size(0);
            var velocity = field.at(from, time);
            var sum = Tensor.zeros(velocity.dtype(), batch);
            for (var probe : probes) {
                var product = Grad.vjp(velocity, from, probe);
                sum = sum.add(product.mul(probe).reshape(batch, -1).sum(1));
            }
            if (trace instanceof Trace.Hutchinson(int count, _)) sum = sum.div(count);
            return scope.keep(
                    Tensor.cat(
                                    List.of(
                                            velocity.detach().reshape(batch, -1),
                                            sum.reshape(batch, 1)),
                                    1)
                            .detach());
        }
    }
}
