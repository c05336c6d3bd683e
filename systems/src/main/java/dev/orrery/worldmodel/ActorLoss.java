package dev.orrery.worldmodel;

import dev.orrery.tensor.Tensor;

/// What a policy over imagined states is trained with: the logarithm of what it did, weighted by
/// how much better that went than expected, and its entropy.
///
/// Action a_t is scored under π(·|s_t), against the value of s_t, with the weight of s_t. All are
/// `(H, N)`, the returns R_t being those from s_t on.
///
/// Source: arXiv:2301.04104.
///
/// @param entropy weight of the entropy, such as 3e-4
public record ActorLoss(double entropy) {

    /// How much better than expected: `(R - V) / scale`, without gradient.
    public static Tensor advantage(Tensor returns, Tensor values, double scale) {
        return returns.sub(values).div(scale).detach();
    }

    /// The loss of each state.
    ///
    /// @param logProbability of the actions taken, with gradient
    /// @param entropies of the policy, with gradient; less any divergence it is to keep small
    /// @param weights how much each state counts
    public Tensor each(Tensor logProbability, Tensor entropies, Tensor advantage, Tensor weights) {
        return logProbability
                .mul(advantage.detach())
                .add(entropies, entropy)
                .mul(weights.detach())
                .neg();
    }
}
