package dev.orrery.optim;

import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.List;
import java.util.Map;

/// Scales gradients by their root mean square first and averages them afterwards, behind adaptive
/// gradient clipping: the optimizer of DreamerV3.
///
/// Each tensor's gradient is limited to `clip · max(floor, |parameter|)` in norm; then `g / (√(mean
/// g²) + ε)` goes into the momentum, both means corrected for their start at zero. The second
/// moment divides gradients before they are averaged, so one large gradient cannot be remembered
/// longer than its scale (the order in which it differs from Adam).
///
/// Source: arXiv:2002.04839 (LaProp), arXiv:2102.06171 (clipping), arXiv:2301.04104 (both
/// together).
public final class LaProp implements Optimizer {

    private static final String MEAN = "momentum";
    private static final String SQUARE = "square";

    /// @param learningRate size of a step
    /// @param beta1 memory of the momentum
    /// @param beta2 memory of the mean squared gradient
    /// @param epsilon added to the root of the latter
    /// @param clip largest gradient norm as a share of the parameter's; 0 for no limit
    /// @param floor least parameter norm that is assumed for the limit
    public record Settings(
            double learningRate,
            double beta1,
            double beta2,
            double epsilon,
            double clip,
            double floor) {

        public Settings {
            if (!(learningRate >= 0 && epsilon >= 0 && clip >= 0 && floor >= 0)
                    || !(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1))
                throw new IllegalArgumentException(
                        "LaProp needs non-negative rates and betas in [0, 1), got %s, %s, %s"
                                .formatted(learningRate, beta1, beta2));
        }

        /// DreamerV3's: betas 0.9 and 0.999, epsilon 1e-20, clip 0.3, floor 1e-3.
        public static Settings of(double learningRate) {
            return new Settings(learningRate, 0.9, 0.999, 1e-20, 0.3, 1e-3);
        }
    }

    private final Slots slots;
    private final Settings settings;
    private double learningRate;

    /// With DreamerV3's settings, on parameters that are named by their number.
    public LaProp(List<Tensor> parameters, double learningRate) {
        this(ParameterGroup.all(ParameterGroup.numbered(parameters)), Settings.of(learningRate));
    }

    public LaProp(Map<String, Tensor> parameters, Settings settings) {
        this(ParameterGroup.all(parameters), settings);
    }

    /// On groups that are trained at rates of their own; nothing decays.
    public LaProp(List<ParameterGroup> groups, Settings settings) {
        slots = new Slots(groups, MEAN, SQUARE, Slots.STEP);
        this.settings = settings;
        learningRate = settings.learningRate();
    }

    @Override
    public void step() {
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            for (var group : slots.groups()) {
                var batch = group.ready();
                if (!batch.isEmpty()) update(batch, learningRate * group.rateFactor());
            }
        }
    }

    private void update(Slots.Batch batch, double rate) {
        var gradients = limited(batch);
        var square = batch.state(SQUARE);
        Foreach.mul_(square, settings.beta2());
        Foreach.addcmul_(square, gradients, gradients, 1 - settings.beta2());
        var steps = batch.state(Slots.STEP);
        Foreach.add_(steps, 1);
        for (int i = 0; i < gradients.size(); i++) {
            double step = steps.get(i).item();
            double seen = 1 - Math.pow(settings.beta2(), step);
            var spread = square.get(i).div(seen).sqrt_().add_(settings.epsilon());
            var mean = batch.state(MEAN).get(i);
            mean.lerp_(gradients.get(i).div(spread), 1 - settings.beta1());
            batch.parameters.get(i).add_(mean, -rate / (1 - Math.pow(settings.beta1(), step)));
        }
    }

    private List<Tensor> limited(Slots.Batch batch) {
        if (settings.clip() == 0) return batch.gradients;
        var most = Foreach.norms(batch.parameters).clampMin(settings.floor()).mul_(settings.clip());
        var excess = Foreach.norms(batch.gradients).div(most).clampMin(1);
        return Foreach.div(batch.gradients, excess.unbind(0));
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
