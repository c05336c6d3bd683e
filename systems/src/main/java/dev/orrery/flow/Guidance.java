package dev.orrery.flow;

import dev.orrery.tensor.Tensor;
import java.util.List;

/// Classifier-free guidance: `v = v_null + weight (v_condition - v_null)`.
///
/// With weight 1 (and outside the interval) the null branch is not computed and the result has the
/// very bits of no guidance. Elsewhere both branches go through the model in one call.
///
/// Sources: arXiv:2207.12598; interval, arXiv:2404.07724.
///
/// @param weight 1 for none, above 1 to follow the condition harder
/// @param from first house time at which it acts
/// @param to last house time at which it acts
public record Guidance(double weight, double from, double to) {

    public static final Guidance NONE = new Guidance(1, 0, 1);

    /// A model with its condition bound, which can also answer for the null condition it has
    /// learned.
    public interface Conditioned extends VelocityField {

        /// Velocities of a doubled batch `(2B, ...)`: the first half under the condition, the
        /// second under the learned null.
        Tensor both(Tensor doubled, double time);

        /// Whether the null condition was trained (see [ConditionDropout]).
        boolean hasNull();
    }

    public Guidance {
        if (!Double.isFinite(weight)) {
            throw new IllegalArgumentException("guidance weight is %s".formatted(weight));
        }
        StepGrid.requireTime(from);
        StepGrid.requireTime(to);
        if (from > to) {
            throw new IllegalArgumentException(
                    "guidance interval runs from %s to %s; the first must not be later"
                            .formatted(from, to));
        }
    }

    /// At all times.
    public static Guidance of(double weight) {
        return new Guidance(weight, 0, 1);
    }

    /// The guided field.
    ///
    /// @throws IllegalArgumentException if the model has no null condition and one is needed
    public VelocityField field(Conditioned model) {
        if (weight == 1) return model;
        if (!model.hasNull()) {
            throw new IllegalArgumentException(
                    ("guidance weight %s needs a model with a learned null condition; train with"
                                    + " condition dropout (0.1) or use weight 1")
                            .formatted(weight));
        }
        return (x, time) -> {
            if (time < from || time > to) return model.at(x, time);
            var halves = model.both(Tensor.cat(List.of(x, x), 0), time).chunk(2, 0);
            return halves.get(1).lerp(halves.get(0), weight);
        };
    }
}
