package dev.orrery.optim;

import dev.orrery.tensor.Tensor;
import java.util.List;
import java.util.Map;

/// Adam; weight decay, if any, is added to the gradient. Runs libtorch's fused kernel.
///
/// Source: arXiv:1412.6980; the defaults are PyTorch's.
public final class Adam implements Optimizer {

    private final AdamMoments moments;
    private double learningRate;

    /// Betas 0.9 and 0.999, epsilon 1e-8, no decay, on parameters that are named by their number.
    public Adam(List<Tensor> parameters, double learningRate) {
        this(
                ParameterGroup.numbered(parameters),
                AdamW.Settings.of(learningRate).withWeightDecay(0));
    }

    public Adam(Map<String, Tensor> parameters, AdamW.Settings settings) {
        moments = new AdamMoments(ParameterGroup.all(parameters), settings, false, true);
        learningRate = settings.learningRate();
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
