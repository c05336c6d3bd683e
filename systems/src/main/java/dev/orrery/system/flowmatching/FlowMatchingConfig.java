package dev.orrery.system.flowmatching;

import dev.orrery.flow.Coupling;
import dev.orrery.flow.DataAt;
import dev.orrery.flow.FlowObjective;
import dev.orrery.flow.FlowPath;
import dev.orrery.flow.TimeSampler;
import dev.orrery.run.Limits;
import java.util.Locale;

/// What to learn, along which path, with which network and budget.
///
/// @param set the data
/// @param method how the flow is trained
/// @param network the multilayer perceptron
/// @param training budget and rates
/// @param sampling how samples are drawn when the run is measured
public record FlowMatchingConfig(
        ToySet set, Method method, Network network, Training training, Sampling sampling) {

    /// Straight lines, the diffusion path, or a quarter turn.
    public enum Path {
        OT,
        VP,
        GVP
    }

    /// As drawn, or optimal transport within the batch.
    public enum Pairing {
        INDEPENDENT,
        MINIBATCH_OT
    }

    /// How training draws times.
    public enum Times {
        UNIFORM,
        STRATIFIED,
        LOGIT_NORMAL,
        BETA,
        COSMAP
    }

    /// What is trained: a flow, or plain regression of the data on the condition.
    public enum Head {
        FLOW,
        REGRESSION
    }

    /// @param sigmaMin width left at the data end, for [Path#OT] only
    /// @param dataAt the network's clock
    public record Method(
            Head head, Path path, double sigmaMin, Pairing pairing, Times times, DataAt dataAt) {
        public Method {
            new Limits("method").share("sigmaMin", sigmaMin);
            if (sigmaMin != 0 && path != Path.OT) {
                throw new IllegalArgumentException(
                        "sigmaMin %s has no effect on path %s; use 0".formatted(sigmaMin, path));
            }
        }

        FlowObjective objective() {
            return FlowObjective.along(flowPath()).withDataAt(dataAt);
        }

        private FlowPath flowPath() {
            return switch (path) {
                case OT -> new FlowPath.Linear(sigmaMin);
                case VP -> new FlowPath.VariancePreserving();
                case GVP -> new FlowPath.Trigonometric();
            };
        }

        Coupling coupling() {
            return switch (pairing) {
                case INDEPENDENT -> new Coupling.Independent();
                case MINIBATCH_OT -> Coupling.minibatchOt();
            };
        }

        TimeSampler timeSampler() {
            return switch (times) {
                case UNIFORM -> new TimeSampler.Uniform();
                case STRATIFIED -> new TimeSampler.Stratified();
                case LOGIT_NORMAL -> new TimeSampler.LogitNormal(0, 1);
                case BETA -> TimeSampler.Beta.PI0;
                case COSMAP -> new TimeSampler.CosMap();
            };
        }
    }

    /// @param width channels of the hidden layers
    /// @param layers number of hidden layers
    /// @param timeDims size of the time embedding, even
    /// @param minPeriod shortest period of the embedding, in units of flow time
    /// @param maxPeriod longest period
    public record Network(int width, int layers, int timeDims, double minPeriod, double maxPeriod) {
        public Network {
            new Limits("network")
                    .size("width", width)
                    .layers(1, "layers", layers)
                    .splits("timeDims", timeDims, 2)
                    .positive("minPeriod", minPeriod)
                    .positive("maxPeriod", maxPeriod);
        }
    }

    /// @param learningRate at the start, falling along a cosine to `finalLearningRate`
    /// @param ema decay of the averaged weights that are measured and sampled
    /// @param saveEvery steps between checkpoints
    public record Training(
            int steps,
            int batch,
            double learningRate,
            double finalLearningRate,
            double ema,
            int saveEvery) {
        public Training {
            new Limits("training")
                    .atLeast(1, "steps", steps)
                    .stage(steps, batch, learningRate)
                    .lastRate("finalLearningRate", finalLearningRate)
                    .share("ema", ema)
                    .atLeast(1, "saveEvery", saveEvery);
        }
    }

    /// @param steps Euler steps for samples and pictures
    /// @param samples how many are drawn when the run is measured
    public record Sampling(int steps, int samples) {
        public Sampling {
            new Limits("sampling").atLeast(1, "steps", steps).atLeast(2, "samples", samples);
        }
    }

    public FlowMatchingConfig {
        if (method.pairing() == Pairing.MINIBATCH_OT && set.conditionDims() > 0) {
            throw new IllegalArgumentException(
                    "%s has a continuous condition, so minibatch OT would bias it; use %s"
                            .formatted(set, Pairing.INDEPENDENT));
        }
        if (method.head() == Head.REGRESSION && set.conditionDims() == 0) {
            throw new IllegalArgumentException(
                    "regression needs a condition to regress on; %s has none, use %s"
                            .formatted(set, ToySet.BIMODAL_ACTIONS));
        }
    }

    /// 4,000 steps on the ring of eight Gaussians, about ten seconds.
    public static FlowMatchingConfig laptop() {
        return new FlowMatchingConfig(
                ToySet.EIGHT_GAUSSIANS,
                new Method(Head.FLOW, Path.OT, 0, Pairing.INDEPENDENT, Times.UNIFORM, DataAt.ONE),
                new Network(128, 3, 32, 0.05, 4),
                new Training(4_000, 512, 1e-3, 1e-4, 0.999, 1_000),
                new Sampling(64, 4_096));
    }

    /// 300 steps and fewer samples, about three seconds: shows that everything runs.
    public static FlowMatchingConfig smoke() {
        return laptop().withTraining(new Training(300, 512, 3e-3, 3e-4, 0.98, 300))
                .withSampling(new Sampling(16, 1_024));
    }

    public FlowMatchingConfig withSet(ToySet other) {
        return new FlowMatchingConfig(other, method, network, training, sampling);
    }

    public FlowMatchingConfig withMethod(Method other) {
        return new FlowMatchingConfig(set, other, network, training, sampling);
    }

    public FlowMatchingConfig withTraining(Training other) {
        return new FlowMatchingConfig(set, method, network, other, sampling);
    }

    public FlowMatchingConfig withSampling(Sampling other) {
        return new FlowMatchingConfig(set, method, network, training, other);
    }

    /// The set's name as metrics show it: `two_moons`.
    String setName() {
        return set.name().toLowerCase(Locale.ROOT);
    }
}
