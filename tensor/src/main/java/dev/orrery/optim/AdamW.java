package dev.orrery.optim;

import dev.orrery.tensor.Tensor;
import java.util.List;
import java.util.Map;

/// Adam with weight decay apart from the gradient.
///
/// Runs libtorch's fused kernel: one pass over each parameter and its two moments. [#plain]
/// computes the same update operation by operation; the two agree to rounding (about 1e-7 relative
/// per step), and each is bit-identical to itself at a fixed thread count.
///
/// Source: arXiv:1711.05101; the defaults are PyTorch's.
public final class AdamW implements Optimizer {

    /// @param learningRate size of a step
    /// @param beta1 memory of the mean gradient
    /// @param beta2 memory of the mean squared gradient
    /// @param epsilon added to the root of the latter
    /// @param weightDecay share of a weight that is lost in a step, per learning rate
    public record Settings(
            double learningRate, double beta1, double beta2, double epsilon, double weightDecay) {

        public Settings {
            if (!(learningRate >= 0 && epsilon >= 0 && weightDecay >= 0)
                    || !(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1))
                throw new IllegalArgumentException(
                        "rates and decays must not be negative, betas lie in [0, 1): got %s, %s, %s, %s, %s"
                                .formatted(learningRate, beta1, beta2, epsilon, weightDecay));
        }

        /// Betas 0.9 and 0.999, epsilon 1e-8, weight decay 0.01.
        public static Settings of(double learningRate) {
            return new Settings(learningRate, 0.9, 0.999, 1e-8, 0.01);
        }

        public Settings withBetas(double beta1, double beta2) {
            return new Settings(learningRate, beta1, beta2, epsilon, weightDecay);
        }

        public Settings withEpsilon(double epsilon) {
            return new Settings(learningRate, beta1, beta2, epsilon, weightDecay);
        }

        public Settings withWeightDecay(double weightDecay) {
            return new Settings(learningRate, beta1, beta2, epsilon, weightDecay);
        }
    }

    private final AdamMoments moments;
    private double learningRate;

    /// With the default settings, on parameters that are named by their number.
    public AdamW(List<Tensor> parameters, double learningRate) {
        this(ParameterGroup.numbered(parameters), Settings.of(learningRate));
    }

    /// On parameters that are named by their number.
    public AdamW(List<Tensor> parameters, Settings settings) {
        this(ParameterGroup.numbered(parameters), settings);
    }

    /// On named parameters, decaying all alike.
    public AdamW(Map<String, Tensor> parameters, Settings settings) {
        this(ParameterGroup.all(parameters), settings, true);
    }

    private AdamW(List<ParameterGroup> groups, Settings settings, boolean fused) {
        moments = new AdamMoments(groups, settings, true, fused);
        learningRate = settings.learningRate();
    }

    /// On groups with rates and decays of their own.
    public static AdamW grouped(List<ParameterGroup> groups, Settings settings) {
        return new AdamW(groups, settings, true);
    }

    /// The same update without the fused kernel, where a device has none.
    public static AdamW plain(List<ParameterGroup> groups, Settings settings) {
        return new AdamW(groups, settings, false);
    }

    @Override
    public Map<String, Tensor> parameters() {
        return moments.slots().parameters();
    }

    @Override
    public void step() {
        moments.step(learningRate);
    }

    @Override
    public double learningRate() {
        return learningRate;
    }

    @Override
    public void learningRate(double rate) {
        learningRate = rate;
    }

    @Override
    public Map<String, Tensor> stateDict() {
        return moments.slots().state();
    }

    @Override
    public void load(Map<String, Tensor> state) {
        moments.slots().load(state);
    }
}
