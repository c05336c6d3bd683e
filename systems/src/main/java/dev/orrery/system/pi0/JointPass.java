package dev.orrery.system.pi0;

import dev.orrery.lm.GemmaDecoder;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/// [Pi0]'s computation by one attention over prefix, state and actions. Nothing is kept of the
/// prefix, so any mask will do.
///
/// @param pi0 the network
/// @param visibility who sees whom; under [Pi0.Visibility#BLOCKWISE] velocities are those of
///   [Pi0#velocity]
record JointPass(Pi0 pi0, Pi0.Visibility visibility) {

    /// The velocity of noisy actions.
    ///
    /// @param state `(B, stateDims)`
    /// @param actions `(B, H, A)`
    /// @param time house time, float64 `(B)`
    /// @return house velocity `(B, H, A)`
    Tensor velocity(Pi0.Prompt prompt, Tensor state, Tensor actions, Tensor time) {
        var prefix = pi0.embed(prompt);
        var suffix = pi0.embed(actions.unsqueeze(1), pi0.timing(time.unsqueeze(1)));
        var tokens =
                pi0.config().variant() == Pi0Variant.PI0
                        ? Tensor.cat(List.of(pi0.embedState(state), suffix.tokens()), 1)
                        : suffix.tokens();
        long start = prefix.embeddings().size(1), length = tokens.size(1);
        var layout = pi0.layout(prefix.real(), length, visibility);
        var mask = BlockMask.additive(layout.allowed()).unsqueeze(1);
        var rotary = pi0.rotary(layout.positions());
        var condition = suffix.condition();
        var left = prefix.embeddings();
        var right = tokens;
        for (int i = 0; i < pi0.config().language().depth(); i++) {
            var wide = pi0.language().layers().get(i);
            var narrow = pi0.expert().layers().get(i);
            var a = wide.project(left, rotary.narrow(0, start), Optional.empty());
            var b = narrow.project(right, rotary.narrow(start, length), condition);
            var mixed =
                    GemmaDecoder.attend(
                            Tensor.cat(List.of(a.query(), b.query()), 1),
                            a.keyValue().then(b.keyValue()),
                            mask);
            left = wide.finish(left, mixed.narrow(1, 0, start), a.norm(), Optional.empty());
            right = narrow.finish(right, mixed.narrow(1, start, length), b.norm(), condition);
        }
        long horizon = actions.size(1);
        return pi0.decode(
                pi0.expert()
                        .norm()
                        .forward(right, condition)
                        .value()
                        .narrow(1, length - horizon, horizon));
    }

    /// Integrates noise `(B, H, A)` to actions, as [Pi0#sample] does.
    Tensor sample(Pi0.Prompt prompt, Tensor state, Tensor noise, int steps) {
        var x = noise;
        for (int k = 0; k < steps; k++) {
            var time = Tensor.full((double) k / steps, DType.F64, noise.size(0));
            x = x.add(velocity(prompt, state, x, time), 1.0 / steps);
        }
        return x;
    }
}
