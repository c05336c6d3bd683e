package dev.orrery.flow;

import dev.orrery.tensor.Tensor;
import java.util.function.DoubleFunction;

/// Numbers that differ from sample to sample, computed in double and shaped `(B, 1, ..., 1)` so
/// that they broadcast over a batch.
record PerSample(Tensor alpha, Tensor sigma, Tensor alphaRate, Tensor sigmaRate) {

    static Tensor of(double[] values, Tensor batch) {
        var shape = new long[batch.rank()];
        java.util.Arrays.fill(shape, 1);
        if (shape.length == 0 || batch.size(0) != values.length) {
            throw new IllegalArgumentException(
                    "%d times for a batch of shape %s; give one time a sample"
                            .formatted(values.length, java.util.Arrays.toString(batch.shape())));
        }
        shape[0] = values.length;
        return Tensor.of(values, shape).to(batch.dtype());
    }

    static PerSample of(double[] times, Tensor batch, DoubleFunction<FlowPath.Coefficients> path) {
        int n = times.length;
        double[] alpha = new double[n], sigma = new double[n];
        double[] alphaRate = new double[n], sigmaRate = new double[n];
        for (int i = 0; i < n; i++) {
            var c = path.apply(times[i]);
            alpha[i] = c.alpha();
            sigma[i] = c.sigma();
            alphaRate[i] = c.alphaRate();
            sigmaRate[i] = c.sigmaRate();
        }
        return new PerSample(
                of(alpha, batch), of(sigma, batch), of(alphaRate, batch), of(sigmaRate, batch));
    }
}
