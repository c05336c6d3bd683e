package dev.orrery.adapter;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.function.Supplier;

/// What an adapter does not see of its layer's inputs during a training step. Which inputs follows
/// from the step's seed and the layer, so that a step can be repeated.
final class Dropout {

    private static final ScopedValue<Seed> STEP = ScopedValue.newInstance();

    private Dropout() {}

    /// Does work, such as a loss, with inputs dropped by this seed.
    static <T> T during(Seed step, Supplier<T> work) {
        return ScopedValue.where(STEP, step).call(work::get);
    }

    /// The inputs with a share of them zero and the others as much larger; as they are outside of
    /// [#during].
    static Tensor on(Tensor x, String path, double share) {
        if (share == 0 || !STEP.isBound()) return x;
        var kept = STEP.get().split(path).uniform(x.shape()).ge(share).to(x.dtype());
        return x.mul(kept).div(1 - share);
    }
}
