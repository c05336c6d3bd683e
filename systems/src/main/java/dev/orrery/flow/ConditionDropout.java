package dev.orrery.flow;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// Replaces the condition of some training samples by a learned null, so that the model can later
/// be guided. Source: arXiv:2207.12598.
///
/// @param probability share of samples that lose their condition
public record ConditionDropout(double probability) {

    public static final ConditionDropout USUAL = new ConditionDropout(0.1);

    public ConditionDropout {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException(
                    "condition dropout is %s; use a probability from 0 to 1"
                            .formatted(probability));
        }
    }

    /// The condition with rows replaced by the null.
    ///
    /// @param condition `(B, ...)`
    /// @param learned the null, one sample's shape `(...)`, a parameter
    public Tensor apply(Tensor condition, Tensor learned, Seed seed) {
        if (probability == 0) return condition;
        int batch = (int) condition.size(0);
        var dropped = new boolean[batch];
        var draws = seed.uniforms(batch);
        for (int i = 0; i < batch; i++) dropped[i] = draws[i] < probability;
        var shape = new long[condition.rank()];
        java.util.Arrays.fill(shape, 1);
        shape[0] = batch;
        return Tensor.where(Tensor.of(dropped, shape), learned, condition);
    }
}
