package dev.orrery.flow;

import dev.orrery.tensor.Tensor;
import java.util.Locale;

/// What a network's output means at a point of a path. Each can be turned into each other one given
/// the point and the time.
///
/// With `x = alpha x1 + sigma x0` and `v = alpha' x1 + sigma' x0`, two unknowns and two equations.
/// Where a division would meet zero (data or noise predictions at the end where they say nothing
/// about the other) the divisor is held at [#GUARD].
public enum Prediction {
    /// `dx/dt`: data - noise on straight paths.
    VELOCITY,
    /// The clean sample x1.
    DATA,
    /// The noise x0.
    NOISE,
    /// The gradient of the log density, `-x0 / sigma`.
    SCORE;

    /// The least divisor at a singular end.
    public static final double GUARD = 1e-3;

    /// Reads `velocity` or `v`, `data` or `x`, `noise` or `eps`, `score`.
    public static Prediction parse(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "velocity", "v" -> VELOCITY;
            case "data", "x" -> DATA;
            case "noise", "eps" -> NOISE;
            case "score" -> SCORE;
            default ->
                    throw new IllegalArgumentException(
                            "prediction is '%s'; use velocity, data, noise or score"
                                    .formatted(text));
        };
    }

    /// The velocity that an output of this kind stands for.
    ///
    /// @param output `(B, ...)` the network's output in house time
    /// @param x the point, same shape
    public Tensor toVelocity(FlowPath path, Tensor output, Tensor x, double time) {
        var c = path.at(time);
        return switch (this) {
            case VELOCITY -> output;
            case DATA -> {
                double drift = c.sigmaRate() / Math.max(c.sigma(), GUARD);
                yield output.mul(c.alphaRate() - drift * c.alpha()).add(x, drift);
            }
            case NOISE -> fromNoise(c, output, x, 1);
            case SCORE -> fromNoise(c, output, x, -c.sigma());
        };
    }

    /// What an output of this kind would have been, from the velocity.
    public Tensor fromVelocity(FlowPath path, Tensor velocity, Tensor x, double time) {
        var c = path.at(time);
        double determinant = c.alpha() * c.sigmaRate() - c.alphaRate() * c.sigma();
        return switch (this) {
            case VELOCITY -> velocity;
            case DATA -> x.mul(c.sigmaRate() / determinant).add(velocity, -c.sigma() / determinant);
            case NOISE -> noise(c, determinant, velocity, x, 1);
            case SCORE -> noise(c, determinant, velocity, x, -1 / Math.max(c.sigma(), GUARD));
        };
    }

    /// A field from a model that answers with this kind of output, both in house time.
    public VelocityField field(FlowPath path, VelocityField model) {
        return this == VELOCITY ? model : (x, time) -> toVelocity(path, model.at(x, time), x, time);
    }

    private static Tensor fromNoise(
            FlowPath.Coefficients c, Tensor output, Tensor x, double factor) {
        double growth = c.alphaRate() / Math.max(c.alpha(), GUARD);
        return output.mul(factor * (c.sigmaRate() - growth * c.sigma())).add(x, growth);
    }

    private static Tensor noise(
            FlowPath.Coefficients c, double determinant, Tensor velocity, Tensor x, double factor) {
        return velocity.mul(factor * c.alpha() / determinant)
                .add(x, -factor * c.alphaRate() / determinant);
    }
}
