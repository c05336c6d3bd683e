package dev.orrery.worldmodel;

import dev.orrery.tensor.Tensor;

/// Distributions over the classes of the last axis, a little mixed with the uniform one, and
/// gradients through what is drawn from them.
///
/// Source: arXiv:2301.04104.
public final class Latents {

    private Latents() {}

    /// Probabilities of logits `(..., K)`: `(1 - share) softmax + share / K`, never zero where the
    /// share is not.
    public static Tensor mix(Tensor logits, double share) {
        var p = logits.softmax(-1);
        return share == 0 ? p : p.mul(1 - share).add(share / logits.size(-1));
    }

    /// The drawn one-hot values, with the gradient of the probabilities they were drawn from.
    public static Tensor straightThrough(Tensor drawn, Tensor probabilities) {
        return drawn.add(probabilities.sub(probabilities.detach()));
    }

    /// KL divergence of q from p, both probabilities `(..., G, K)`, summed over groups and classes.
    public static Tensor divergence(Tensor q, Tensor p) {
        return q.mul(q.log().sub(p.log())).sum(new long[] {-2, -1}, false);
    }

    /// Entropy `(...)` of probabilities `(..., K)`, in nats.
    public static Tensor entropy(Tensor p) {
        return p.mul(p.log()).sum(-1, false).neg();
    }
}
