package dev.orrery.nn;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// The distribution that a parameter's first values are drawn from.
@FunctionalInterface
public interface Init {

    /// All zero.
    Init ZEROS = constant(0);

    /// All one.
    Init ONES = constant(1);

    /// First values, F32, of a parameter of this shape.
    Tensor draw(Seed seed, long... shape);

    /// One value everywhere.
    static Init constant(double value) {
        return (_, shape) -> Tensor.full(value, shape);
    }

    /// Uniform between `-bound` and `bound`.
    static Init uniform(double bound) {
        return (seed, shape) -> seed.uniform(shape).mul_(2 * bound).add_(-bound);
    }

    /// Normal with mean 0.
    static Init normal(double deviation) {
        return (seed, shape) -> seed.normal(shape).mul_(deviation);
    }

    /// Normal with mean 0, values beyond two deviations drawn from inside instead, by inversion.
    static Init truncatedNormal(double deviation) {
        double edge = 0.9544997361036416; // erf(2 / sqrt 2)
        return (seed, shape) ->
                seed.uniform(shape)
                        .mul_(2 * edge)
                        .add_(-edge)
                        .erfinv()
                        .mul_(Math.sqrt(2) * deviation)
                        .clamp_(-2 * deviation, 2 * deviation);
    }

    /// Uniform in ±1/√fan-in, what PyTorch gives the weights of linear and convolution layers.
    static Init fanIn() {
        return (seed, shape) -> uniform(1 / Math.sqrt(inputs(shape))).draw(seed, shape);
    }

    /// Normal with the variance gain² / fan-in, after He: with gain √2 before a rectifier or GELU
    /// and 1 elsewhere, what comes out is about as large as what goes in.
    static Init kaimingNormal(double gain) {
        return (seed, shape) -> normal(gain / Math.sqrt(inputs(shape))).draw(seed, shape);
    }

    /// Uniform with the variance 2 / (inputs + outputs), after Glorot.
    static Init xavierUniform() {
        return (seed, shape) -> {
            double fan = inputs(shape) + (double) shape[0] * inputs(shape) / shape[1];
            return uniform(Math.sqrt(6 / fan)).draw(seed, shape);
        };
    }

    private static double inputs(long[] shape) {
        double inputs = 1;
        for (int i = 1; i < shape.length; i++) inputs *= shape[i];
        return Math.max(1, inputs);
    }
}
