package dev.orrery.flow;

import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.List;

/// Real-time chunking: steers a flow so that the clean sample it is heading for agrees with a chunk
/// that is already being executed.
///
/// With `x̂1 = x + (1 - t) v` and `e = w ⊙ (previous - x̂1)`, the velocity gains `min(beta, (1 - t)
/// / (t r²)) Jᵀ e`, where J is the derivative of x̂1 by x and `r² = (1 - t)² / (t² + (1 - t)²)`.
/// For straight paths in house time.
///
/// Source: arXiv:2506.07339 equations 2 to 4 (beta 5 there).
///
/// @param previous `(B, K, A)` the old chunk, its first step now due; rows past its end are ignored
///   through their weights
/// @param weights of each chunk, one a step; or the same for all, once
/// @param beta most guidance, 5 to 10
/// @param jacobian how `Jᵀ e` is had
public record SoftPrefix(
        Tensor previous, List<PrefixWeights> weights, double beta, Jacobian jacobian) {

    /// How the correction passes back through the network.
    public enum Jacobian {
        /// One vector-Jacobian product: exact, about the price of two more evaluations.
        PRODUCT,
        /// J taken as the identity: free, and what lerobot's code amounts to.
        IDENTITY
    }

    public SoftPrefix {
        if (!(beta > 0) || Double.isInfinite(beta)) {
            throw new IllegalArgumentException(
                    "soft prefix: beta is %s; use a number above 0, such as 5".formatted(beta));
        }
        weights = List.copyOf(weights);
        for (var own : weights) {
            if (previous.rank() != 3 || previous.size(1) != own.weights().length) {
                throw new IllegalArgumentException(
                        "soft prefix: previous chunk %s needs shape (B, K, A) with K = %d weights"
                                .formatted(previous, own.weights().length));
            }
        }
        if (weights.size() != 1 && weights.size() != previous.size(0)) {
            throw new IllegalArgumentException(
                    "soft prefix: weights of %d chunks for previous chunks %s; give one each, or one for all"
                            .formatted(weights.size(), previous));
        }
    }

    /// The same weights for all chunks.
    public SoftPrefix(Tensor previous, PrefixWeights weights, double beta, Jacobian jacobian) {
        this(previous, List.of(weights), beta, jacobian);
    }

    /// The steered field.
    public VelocityField field(VelocityField model) {
        return (x, time) ->
                switch (jacobian) {
                    case IDENTITY -> {
                        var velocity = model.at(x, time);
                        yield velocity.add(error(x, velocity, time), strength(time));
                    }
                    case PRODUCT -> product(model, x, time);
                };
    }

    /// The factor on the correction at a time: `min(beta, (t² + (1 - t)²) / (t (1 - t)))`.
    public double strength(double time) {
        double left = 1 - time;
        return Math.min(beta, (time * time + left * left) / (time * left));
    }

    private Tensor product(VelocityField model, Tensor x, double time) {
        try (var scope = TensorScope.open();
                var _ = Grad.enabled()) {
            var from = x.detach().requiresGrad_(true);
            var velocity = model.at(from, time);
            var clean = from.add(velocity, 1 - time);
            var correction = Grad.vjp(clean, from, error(from, velocity, time).detach());
            return scope.keep(velocity.detach().add(correction, strength(time)).detach());
        }
    }

    private Tensor error(Tensor x, Tensor velocity, double time) {
        var clean = x.add(velocity, 1 - time);
        return previous.sub(clean).mul(PrefixWeights.overChunks(weights));
    }
}
