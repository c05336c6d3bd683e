package dev.orrery.worldmodel;

import dev.orrery.tensor.Tensor;

/// The deterministic half of an [Rssm]: how the next deterministic state follows from the last
/// state and action.
sealed interface Recurrence permits PlainRecurrence, BlockRecurrence {

    /// The weights arranged for a run of steps, so that a step consists of few operations.
    Running start();

    /// A run of steps with the same weights.
    interface Running {

        /// What actions `(T, B, A)` contribute, worked out for all steps in one go.
        Tensor actions(Tensor actions);

        /// The next deterministic state `(B, D)`.
        ///
        /// @param deter the last one
        /// @param latents the last latents, flat `(B, G K)`
        /// @param action one step of [#actions]
        Tensor next(Tensor deter, Tensor latents, Tensor action);
    }

    /// `h + σ(u - 1) (tanh(σ(r) c) - h)`: candidate, reset and update gate of both forms.
    static Tensor gated(Tensor deter, Tensor reset, Tensor candidate, Tensor update) {
        return deter.lerp(reset.sigmoid().mul(candidate).tanh(), update.sub(1.0).sigmoid());
    }
}
