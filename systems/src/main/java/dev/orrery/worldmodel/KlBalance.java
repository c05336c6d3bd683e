package dev.orrery.worldmodel;

import dev.orrery.tensor.Tensor;

/// How strongly the prior is drawn to the posterior (dynamics) and the posterior to the prior
/// (representation), each with some divergence for free.
///
/// Source: arXiv:2301.04104. Deviation: none; the groups' divergences are summed first and limited
/// then, as in the published code.
///
/// @param dynamics weight of KL(sg posterior, prior)
/// @param representation weight of KL(posterior, sg prior)
/// @param free nats below which neither pulls
/// @param unimix share of the uniform distribution in both
public record KlBalance(double dynamics, double representation, double free, double unimix) {

    /// Dynamics 0.5 (2023) or 1 (2024), representation 0.1, 1 free nat, 1 % uniform.
    public static KlBalance of(Form form) {
        return new KlBalance(form == Form.V2023 ? 0.5 : 1, 0.1, 1, 0.01);
    }

    /// @param dynamics limited divergence with gradients to the prior, an element each
    /// @param representation the same with gradients to the posterior
    /// @param value the divergence itself
    public record Terms(Tensor dynamics, Tensor representation, Tensor value) {}

    /// Compares logits `(..., G, K)`.
    public Terms compare(Tensor posterior, Tensor prior) {
        var q = Latents.mix(posterior, unimix);
        var p = Latents.mix(prior, unimix);
        var toPrior = Latents.divergence(q.detach(), p);
        var toPosterior = Latents.divergence(q, p.detach());
        return new Terms(limited(toPrior), limited(toPosterior), toPrior.detach());
    }

    private Tensor limited(Tensor divergence) {
        return free == 0 ? divergence : divergence.clampMin(free);
    }

    /// Both terms, weighted.
    public Tensor loss(Terms terms) {
        return terms.dynamics().mul(dynamics).add(terms.representation(), representation);
    }
}
