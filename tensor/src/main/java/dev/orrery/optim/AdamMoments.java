package dev.orrery.optim;

import dev.orrery.tensor.Dispatcher;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.List;

/// The update that [Adam] and [AdamW] share; they differ in where the weight decay goes.
final class AdamMoments {

    private static final String MEAN = "exp_avg";
    private static final String SQUARE = "exp_avg_sq";

    private final Slots slots;
    private final AdamW.Settings settings;
    private final boolean decoupled;
    private final boolean fused;

    AdamMoments(
            List<ParameterGroup> groups,
            AdamW.Settings settings,
            boolean decoupled,
            boolean fused) {
        slots = new Slots(groups, MEAN, SQUARE, Slots.STEP);
        this.settings = settings;
        this.decoupled = decoupled;
        this.fused = fused;
    }

    Slots slots() {
        return slots;
    }

    void step(double learningRate) {
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            for (var group : slots.groups()) {
                var batch = group.ready();
                if (batch.isEmpty()) continue;
                Foreach.add_(batch.state(Slots.STEP), 1);
                double rate = learningRate * group.rateFactor();
                double decay = settings.weightDecay() * group.decayFactor();
                if (fused) fused(batch, rate, decay);
                else plain(batch, rate, decay);
            }
        }
    }

    private void fused(Slots.Batch batch, double rate, double decay) {
        Dispatcher.call(
                decoupled ? "aten::_fused_adamw_" : "aten::_fused_adam_",
                batch.parameters,
                batch.gradients,
                batch.state(MEAN),
                batch.state(SQUARE),
                List.<Tensor>of(),
                batch.state(Slots.STEP),
                rate,
                settings.beta1(),
                settings.beta2(),
                decay,
                settings.epsilon(),
                false,
                false);
    }

    private void plain(Slots.Batch batch, double rate, double decay) {
        var gradients = batch.gradients;
        if (decay != 0) {
            if (decoupled) Foreach.mul_(batch.parameters, 1 - rate * decay);
            else gradients = Foreach.add(gradients, batch.parameters, decay);
        }
        var mean = batch.state(MEAN);
        var square = batch.state(SQUARE);
        Foreach.lerp_(mean, gradients, 1 - settings.beta1());
        Foreach.mul_(square, settings.beta2());
        Foreach.addcmul_(square, gradients, gradients, 1 - settings.beta2());
        var steps = batch.state(Slots.STEP);
        for (int i = 0; i < mean.size(); i++) {
            double step = steps.get(i).item();
            double size = rate / (1 - Math.pow(settings.beta1(), step));
            double bias = Math.sqrt(1 - Math.pow(settings.beta2(), step));
            var spread = square.get(i).sqrt().div_(bias).add_(settings.epsilon());
            batch.parameters.get(i).addcdiv_(mean.get(i), spread, -size);
        }
    }
}
