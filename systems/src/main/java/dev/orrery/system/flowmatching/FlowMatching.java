package dev.orrery.system.flowmatching;

import dev.orrery.flow.DataAt;
import dev.orrery.flow.VelocityField;
import dev.orrery.nn.Activation;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.SinCosPeriods;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// A velocity model of small vectors: `[x, time embedding, condition]` through SiLU layers.
///
/// `x (B, A)`, times `(B)` or `(1)` on the model's clock, condition `(B, C)` → velocities `(B, A)`.
/// The last layer starts at zero, so the first loss is that of the zero answer, 1 + Var(x1) on
/// straight paths. The clock (where the data are, at one or at zero) is saved with the weights, as
/// the buffer `data_at`.
public final class FlowMatching extends Module {

    private final SinCosPeriods times;
    private final List<Linear> hidden;
    private final Linear last;
    private final Tensor clock;
    private final int dims, conditionDims;

    public FlowMatching(FlowMatchingConfig config, Seed seed) {
        var network = config.network();
        dims = config.set().dims();
        conditionDims = config.set().conditionDims();
        times = new SinCosPeriods(network.timeDims(), network.minPeriod(), network.maxPeriod());
        var layers = new ArrayList<Linear>();
        int inputs = dims + network.timeDims() + conditionDims;
        for (int i = 0; i < network.layers(); i++) {
            layers.add(
                    new Linear(
                            i == 0 ? inputs : network.width(),
                            network.width(),
                            seed.split("hidden").split(i)));
        }
        hidden = children("hidden", layers);
        last = child("last", Linear.zero(network.width(), dims));
        clock = buffer("data_at", Tensor.full(config.method().dataAt() == DataAt.ONE ? 1 : 0, 1));
    }

    /// Velocities, or for regression (with `x` and times zero) the predicted data.
    public Tensor forward(Tensor x, Tensor time, Tensor condition) {
        var embedded = times.at(time);
        var parts = new ArrayList<>(List.of(x));
        parts.add(embedded.size(0) == x.size(0) ? embedded : embedded.expand(x.size(0), -1));
        if (conditionDims > 0) parts.add(condition);
        var h = Tensor.cat(parts, 1);
        for (var layer : hidden) h = Activation.SILU.forward(layer.forward(h));
        return last.forward(h);
    }

    /// The model under a condition, to be integrated in house time.
    ///
    /// @param condition `(B, C)`; `(B, 0)` where the set has none
    public VelocityField field(Tensor condition) {
        return VelocityField.of(
                dataAt(), (x, time) -> forward(x, Tensor.full(time, DType.F64, 1), condition));
    }

    /// What regression answers for a condition, `(B, A)`.
    public Tensor regress(Tensor condition) {
        return forward(
                Tensor.zeros(condition.size(0), dims), Tensor.zeros(DType.F64, 1), condition);
    }

    /// The clock that these weights were trained with; loading weights replaces it by theirs.
    DataAt dataAt() {
        return clock.item() == 1 ? DataAt.ONE : DataAt.ZERO;
    }
}
