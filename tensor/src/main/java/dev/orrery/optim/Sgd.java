package dev.orrery.optim;

import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.List;
import java.util.Map;

/// Gradient descent, with or without momentum.
///
/// With momentum `m`: `v = m v + g`, then the step is `v`, or `g + m v` after Nesterov. The first
/// step of PyTorch's version is the same, as `v` starts at zero.
public final class Sgd implements Optimizer {

    private static final String VELOCITY = "momentum_buffer";

    /// @param learningRate size of a step
    /// @param momentum share of the velocity that is kept; 0 for none
    /// @param nesterov whether to look ahead
    /// @param weightDecay added to the gradient, times the weight
    public record Settings(
            double learningRate, double momentum, boolean nesterov, double weightDecay) {

        public Settings {
            if (!(learningRate >= 0 && weightDecay >= 0 && momentum >= 0 && momentum < 1))
                throw new IllegalArgumentException(
                        "rate and decay must not be negative, momentum lies in [0, 1): got %s, %s, %s"
                                .formatted(learningRate, weightDecay, momentum));
            if (nesterov && momentum == 0)
                throw new IllegalArgumentException("nesterov needs momentum; give it some");
        }

        /// Without momentum or decay.
        public static Settings of(double learningRate) {
            return new Settings(learningRate, 0, false, 0);
        }
    }

    private final Slots slots;
    private final Settings settings;
    private double learningRate;

    /// Without momentum, on parameters that are named by their number.
    public Sgd(List<Tensor> parameters, double learningRate) {
        this(ParameterGroup.numbered(parameters), Settings.of(learningRate));
    }

    public Sgd(Map<String, Tensor> parameters, Settings settings) {
        var groups = ParameterGroup.all(parameters);
        slots = settings.momentum() == 0 ? new Slots(groups) : new Slots(groups, VELOCITY);
        this.settings = settings;
        learningRate = settings.learningRate();
    }

    @Override
    public void step() {
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            for (var group : slots.groups()) {
                var batch = group.ready();
                if (batch.isEmpty()) continue;
                var direction = batch.gradients;
                if (settings.weightDecay() != 0)
                    direction = Foreach.add(direction, batch.parameters, settings.weightDecay());
                if (settings.momentum() != 0) {
                    var velocity = batch.state(VELOCITY);
                    Foreach.mul_(velocity, settings.momentum());
                    Foreach.add_(velocity, direction, 1);
                    direction =
                            settings.nesterov()
                                    ? Foreach.add(direction, velocity, settings.momentum())
                                    : velocity;
                }
                Foreach.add_(batch.parameters, direction, -learningRate * group.rateFactor());
            }
        }
    }

    @Override
    public Map<String, Tensor> parameters() {
        return slots.parameters();
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
        return slots.state();
    }

    @Override
    public void load(Map<String, Tensor> state) {
        slots.load(state);
    }
}
