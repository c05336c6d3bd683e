package dev.orrery.adapter;

import dev.orrery.nn.Dropout;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.function.Supplier;

/// [Dropout] of an adapter's inputs during a training step. Which inputs follows from the step's
/// seed and the layer, so that a step can be repeated.
final class StepDropout {

    private static final ScopedValue<Seed> STEP = ScopedValue.newInstance();

    private StepDropout() {}

    /// Does work, such as a loss, with inputs dropped by this seed.
    static <T> T during(Seed step, Supplier<T> work) {
        return ScopedValue.where(STEP, step).call(work::get);
    }

    /// The inputs with a share of them dropped; as they are outside of [#during].
    static Tensor on(Tensor x, String path, double share) {
        return STEP.isBound() ? new Dropout(share, STEP.get().split(path)).apply(x) : x;
    }
}
