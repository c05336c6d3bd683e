package dev.orrery.lm;

import dev.orrery.nn.Module;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.util.Map;

/// What fixtures of trained models ask for besides outputs.
public final class Reference {

    private Reference() {}

    /// The scalar that fixtures of encoders differentiate: squares weighted along the channels from
    /// -1 to 1.
    public static Tensor ramp(Tensor hidden) {
        return hidden.square()
                .mul(Tensor.linspace(-1, 1, hidden.size(hidden.rank() - 1)).to(DType.F32))
                .mean();
    }

    /// As [#ramp(Tensor)], zero at padding.
    ///
    /// @param hidden `(B, T, D)`
    /// @param mask `(B, T)`, zero where a token is padding
    public static Tensor ramp(Tensor hidden, Tensor mask) {
        return ramp(hidden.mul(mask.to(DType.F32).unsqueeze(-1)));
    }

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
