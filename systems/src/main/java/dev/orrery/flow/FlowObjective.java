package dev.orrery.flow;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;

/// The regression that trains a flow: which path, what the network predicts, how errors are
/// weighted and whose clock the network keeps.
///
/// `L = E |output - target|²`, a mean over the elements that count. Source: arXiv:2210.02747
/// equation 14; weightings as in SiT, arXiv:2401.08740 section 2.
///
/// @param dataAt the network's clock; times given to [#batch] are house times all the same
public record FlowObjective(
        FlowPath path, Prediction prediction, Weighting weighting, DataAt dataAt) {

    /// How an error at a time is weighted, for noise and score predictions: plainly, as the
    /// velocity error it causes, or as its share of the likelihood bound.
    public enum Weighting {
        NONE,
        VELOCITY,
        LIKELIHOOD
    }

    public FlowObjective {
        boolean noisy = prediction == Prediction.NOISE || prediction == Prediction.SCORE;
        if (weighting != Weighting.NONE && !noisy) {
            throw new IllegalArgumentException(
                    "weighting %s is for noise and score predictions; use NONE with %s"
                            .formatted(weighting, prediction));
        }
    }

    /// Rectified flow in house time: straight paths, velocity predictions.
    public static FlowObjective rectified() {
        return along(new FlowPath.Linear());
    }

    /// Velocity predictions along a path, in house time.
    public static FlowObjective along(FlowPath path) {
        return new FlowObjective(path, Prediction.VELOCITY, Weighting.NONE, DataAt.ONE);
    }

    /// The same objective for a network that keeps another clock.
    public FlowObjective withDataAt(DataAt clock) {
        return new FlowObjective(path, prediction, weighting, clock);
    }

    /// What the network sees and what it is compared with.
    ///
    /// @param x `(B, ...)` the noisy samples
    /// @param time `(B)` F64, on the network's own clock
    /// @param target `(B, ...)` on the network's own clock
    /// @param times B house times
    /// @param noise `(B, ...)` x0
    public record Batch(Tensor x, Tensor time, Tensor target, double[] times, Tensor noise) {}

    /// Noisy samples and targets at the given house times.
    ///
    /// @param noise `(B, ...)` standard normal x0, coupled to the data as wished
    /// @param data `(B, ...)` normalised x1
    /// @param times B house times in `[0, 1]`
    /// @throws IllegalArgumentException if data are not finite, shapes differ or a time is outside
    public Batch batch(Tensor noise, Tensor data, double[] times) {
        DataCheck.requireFinite(data);
        var point = path.point(noise, data, times);
        var clock = new double[times.length];
        for (int i = 0; i < clock.length; i++) clock[i] = dataAt.turn(times[i]);
        var target =
                switch (prediction) {
                    case VELOCITY ->
                            dataAt == DataAt.ONE ? point.velocity() : point.velocity().neg();
                    case DATA -> data;
                    case NOISE -> noise;
                    case SCORE -> {
                        var sigma = perSample(times, data, c -> Math.max(c.sigma(), 1e-12));
                        yield noise.div(sigma).neg();
                    }
                };
        return new Batch(
                point.x(), Tensor.of(clock, clock.length).to(DType.F64), target, times, noise);
    }

    /// The mean loss over the elements that count, a scalar to differentiate.
    ///
    /// @param output `(B, ...)` the network's output
    public Tensor loss(Tensor output, Batch batch, LossMask mask) {
        return mask.mean(errors(output, batch));
    }

    /// The loss of each sample, `(B)`.
    public Tensor perSample(Tensor output, Batch batch, LossMask mask) {
        return mask.perSample(errors(output, batch));
    }

    private Tensor errors(Tensor output, Batch batch) {
        if (!java.util.Arrays.equals(output.shape(), batch.target().shape())) {
            throw new IllegalArgumentException(
                    "the network answered with shape %s for targets of shape %s"
                            .formatted(
                                    java.util.Arrays.toString(output.shape()),
                                    java.util.Arrays.toString(batch.target().shape())));
        }
        // A score is compared as the noise it stands for, which stays finite at the data end.
        var errors =
                prediction == Prediction.SCORE
                        ? output.mul(sigma(batch)).add(batch.noise()).square()
                        : output.sub(batch.target()).square();
        return weighting == Weighting.NONE ? errors : errors.mul(weights(batch));
    }

    private Tensor sigma(Batch batch) {
        return perSample(batch.times(), batch.x(), FlowPath.Coefficients::sigma);
    }

    private Tensor weights(Batch batch) {
        return perSample(
                batch.times(),
                batch.x(),
                c -> {
                    double ratio = c.alphaRate() / Math.max(c.alpha(), Prediction.GUARD);
                    double variance = ratio * c.sigma() * c.sigma() - c.sigma() * c.sigmaRate();
                    double perNoise = variance / Math.max(c.sigma(), 1e-12);
                    return weighting == Weighting.VELOCITY
                            ? perNoise * perNoise
                            : perNoise / Math.max(c.sigma(), 1e-12);
                });
    }

    private Tensor perSample(
            double[] times,
            Tensor batch,
            java.util.function.ToDoubleFunction<FlowPath.Coefficients> value) {
        var values = new double[times.length];
        for (int i = 0; i < values.length; i++) values[i] = value.applyAsDouble(path.at(times[i]));
        return PerSample.of(values, batch);
    }
}
