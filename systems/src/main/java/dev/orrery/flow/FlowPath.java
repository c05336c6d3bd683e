package dev.orrery.flow;

import dev.orrery.tensor.Tensor;

/// The conditional path `x_t = alpha(t) x1 + sigma(t) x0` from noise x0 to data x1, in house time.
///
/// The target is its derivative `alpha' x1 + sigma' x0`. Tensors are `(B, ...)` with any trailing
/// axes; times are one double a sample.
public sealed interface FlowPath {

    /// alpha, sigma and their time derivatives at one time.
    record Coefficients(double alpha, double sigma, double alphaRate, double sigmaRate) {}

    /// The coefficients at a time in `[0, 1]`.
    Coefficients at(double time);

    /// Straight lines: `x_t = t x1 + (1 - (1 - sigmaMin) t) x0`, the displacement map between the
    /// noise and a Gaussian of width `sigmaMin` around one data point. With 0, the default,
    /// rectified flow. It is optimal transport only per data point; the learned marginal flow is
    /// not.
    ///
    /// Source: arXiv:2210.02747 section 4.1 (OT), arXiv:2209.03003.
    record Linear(double sigmaMin) implements FlowPath {
        public Linear {
            if (!(sigmaMin >= 0 && sigmaMin < 1)) {
                throw new IllegalArgumentException(
                        "sigmaMin is %s; use 0 for rectified flow or a small number below 1"
                                .formatted(sigmaMin));
            }
        }

        public Linear() {
            this(0);
        }

        @Override
        public Coefficients at(double time) {
            StepGrid.requireTime(time);
            return new Coefficients(time, 1 - (1 - sigmaMin) * time, 1, sigmaMin - 1);
        }
    }

    /// The variance-preserving diffusion path: `alpha = exp(-½ ∫ beta)` over reversed time, beta
    /// linear from `betaMin` to `betaMax`, `sigma = √(1 - alpha²)`. Times are clipped to `[1e-5, 1
    /// - 1e-5]`, where the derivative of sigma is still finite.
    ///
    /// Source: arXiv:2210.02747 section 4.1 (VP).
    record VariancePreserving(double betaMin, double betaMax) implements FlowPath {

        private static final double EDGE = 1e-5;

        public VariancePreserving {
            if (!(betaMin > 0 && betaMax >= betaMin) || Double.isInfinite(betaMax)) {
                throw new IllegalArgumentException(
                        "variance-preserving path needs 0 < betaMin <= betaMax, got %s and %s"
                                .formatted(betaMin, betaMax));
            }
        }

        public VariancePreserving() {
            this(0.1, 20);
        }

        @Override
        public Coefficients at(double time) {
            double s = 1 - Math.clamp(StepGrid.requireTime(time), EDGE, 1 - EDGE);
            double half = 0.25 * s * s * (betaMax - betaMin) + 0.5 * s * betaMin;
            double rate = 0.5 * (betaMin + s * (betaMax - betaMin));
            double alpha = Math.exp(-half);
            double sigma = Math.sqrt(-Math.expm1(-2 * half));
            return new Coefficients(alpha, sigma, alpha * rate, -alpha * alpha * rate / sigma);
        }
    }

    /// A quarter turn: `alpha = sin(πt/2)`, `sigma = cos(πt/2)`, so the variance stays constant.
    ///
    /// Source: SiT, arXiv:2401.08740 (GVP).
    record Trigonometric() implements FlowPath {
        @Override
        public Coefficients at(double time) {
            double angle = Math.PI / 2 * StepGrid.requireTime(time);
            double sin = Math.sin(angle), cos = Math.cos(angle);
            return new Coefficients(sin, cos, Math.PI / 2 * cos, -Math.PI / 2 * sin);
        }
    }

    /// A point of the path and the velocity there.
    ///
    /// @param x `(B, ...)` the noisy sample
    /// @param velocity `(B, ...)` the regression target
    record Point(Tensor x, Tensor velocity) {}

    /// The points at one time a sample.
    ///
    /// @param noise `(B, ...)` x0
    /// @param data `(B, ...)` x1, the same shape
    /// @param times B house times
    default Point point(Tensor noise, Tensor data, double[] times) {
        if (!java.util.Arrays.equals(noise.shape(), data.shape())) {
            throw new IllegalArgumentException(
                    "noise is %s and data %s; a path joins equal shapes"
                            .formatted(
                                    java.util.Arrays.toString(noise.shape()),
                                    java.util.Arrays.toString(data.shape())));
        }
        if (this instanceof Linear(double sigmaMin) && sigmaMin == 0) {
            var velocity = data.sub(noise);
            var t = PerSample.of(times, data);
            for (double time : times) StepGrid.requireTime(time);
            return new Point(noise.add(velocity.mul(t)), velocity);
        }
        var values = PerSample.of(times, data, this::at);
        return new Point(
                values.alpha().mul(data).add(values.sigma().mul(noise)),
                values.alphaRate().mul(data).add(values.sigmaRate().mul(noise)));
    }
}
