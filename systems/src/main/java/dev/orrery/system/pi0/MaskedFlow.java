package dev.orrery.system.pi0;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// The flow under other masks than π0's, by one attention over everything: what the cached prefix
/// is compared with.
final class MaskedFlow {

    private MaskedFlow() {}

    /// The loss of a batch as [ActionHead#FLOW] has it, one draw of noise and time an observation.
    static Tensor loss(
            Pi0 pi0,
            Pi0Data.Batch batch,
            ActionHead.Times times,
            Pi0.Visibility visibility,
            Seed seed) {
        var io = pi0.config().io();
        int size = (int) batch.state().size(0);
        var noise = seed.split("noise").normal(size, 1, io.horizon(), io.actionDims());
        var time = Tensor.of(times.sampler().draw(size, seed.split("time")), size, 1);
        var noisy = Pi0.path(batch.actions(), noise, time).squeeze(1);
        var velocity =
                new JointPass(pi0, visibility)
                        .velocity(batch.prompt(), batch.state(), noisy, time.squeeze(1));
        var errors = velocity.unsqueeze(1).sub(batch.actions().sub(noise)).square();
        return ActionHead.masked(errors, batch.real());
    }
}
