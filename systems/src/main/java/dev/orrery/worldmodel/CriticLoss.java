package dev.orrery.worldmodel;

import dev.orrery.tensor.Tensor;

/// What a critic is trained with: the returns, and the answers of its own slow average.
///
/// Source: arXiv:2301.04104.
///
/// @param bins how a value is a distribution
/// @param slow weight of the slow critic's answers
public record CriticLoss(TwoHot bins, double slow) {

    /// The loss of each state.
    ///
    /// @param logits the critic's, `(..., N)`, with gradient
    /// @param returns `(...)`
    /// @param slowLogits the slow critic's
    public Tensor each(Tensor logits, Tensor returns, Tensor slowLogits) {
        if (slow == 0) return bins.loss(logits, returns.detach());
        return bins.loss(logits, returns.detach(), bins.mean(slowLogits).detach(), slow);
    }
}
