package dev.orrery.lm;

import dev.orrery.nn.Module;
import dev.orrery.tensor.Tensor;
import java.util.Map;

/// What fixtures of trained models ask for besides outputs.
public final class Reference {

    private Reference() {}

    /// Puts `loss` and, for each parameter that it depends on, `grad.NAME` into what was found.
    public static void differentiate(Module model, Tensor loss, Map<String, Tensor> found) {
        found.put("loss", loss);
        loss.backward();
        model.namedParameters()
                .forEach((name, p) -> {
                    if (p.hasGrad()) found.put("grad." + name, p.grad());
                });
    }
}
