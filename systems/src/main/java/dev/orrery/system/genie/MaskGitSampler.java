package dev.orrery.system.genie;

import dev.orrery.system.genie.GenieConfig.Order;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;

/// Fills in the ids of a frame in a few steps: each draws all ids that are hidden, keeps those it
/// is surest of and hides the others again; the last step keeps all.
///
/// Source: MaskGIT, arXiv:2202.04200, with its cosine schedule.
///
/// @param steps S, how many
/// @param temperature what logits are divided by: below 1 for likelier ids, above for more variety
/// @param order which ids are kept
public record MaskGitSampler(int steps, double temperature, Order order) {

    /// Says how likely ids are.
    @FunctionalInterface
    public interface Predictor {

        /// Logits `(B, N, K)`.
        ///
        /// @param ids what is known, I64 `(B, N)`
        /// @param hidden BOOL `(B, N)`, true where it is not known
        Tensor logits(Tensor ids, Tensor hidden);
    }

    public MaskGitSampler {
        if (steps < 1 || !(temperature > 0)) {
            throw new IllegalArgumentException(
                    "genie: %d MaskGIT steps at temperature %s; steps must be 1 or more, the temperature above 0"
                            .formatted(steps, temperature));
        }
    }

    /// As a configuration says.
    static MaskGitSampler of(GenieConfig.Evaluation evaluation) {
        return new MaskGitSampler(
                evaluation.maskGitSteps(), evaluation.temperature(), evaluation.order());
    }

    /// How many of N ids are kept after step `step` of S, counted from 0: `⌈N (1 - cos(π (step + 1)
    /// / 2 S))⌉`, all after the last.
    public static int kept(int tokens, int step, int steps) {
        if (step + 1 >= steps) {
            return tokens;
        }
        double share = 1 - Math.cos(Math.PI * (step + 1) / (2.0 * steps));
        return Math.clamp((int) Math.ceil(tokens * share), 1, tokens);
    }

    /// Draws the ids `(batch, tokens)` of a frame.
    ///
    /// @throws IllegalArgumentException if logits are not finite
    public Tensor sample(Predictor predictor, long batch, int tokens, Seed seed) {
        try (var outer = TensorScope.open()) {
            var ids = Tensor.zeros(DType.I64, batch, tokens);
            var hidden = Tensor.ones(DType.BOOL, batch, tokens);
            for (int step = 0; step < steps; step++) {
                try (var scope = TensorScope.open()) {
                    var draws = draw(predictor.logits(ids, hidden), seed.split(step));
                    ids = scope.keep(Tensor.where(hidden, draws.ids, ids));
                    hidden = scope.keep(hide(hidden, draws.confidence, step));
                }
            }
            return outer.keep(ids);
        }
    }

    private record Draws(Tensor ids, Tensor confidence) {}

    private Draws draw(Tensor logits, Seed seed) {
        if (!logits.isfinite().all().toBooleans()[0]) {
            throw new IllegalArgumentException(
                    "genie: logits are not finite; the weights are damaged, or the training"
                            + " diverged");
        }
        var p = logits.div(temperature).softmax(-1);
        var level = seed.split("ids").uniform(p.size(0), p.size(1), 1);
        var ids = p.cumsum(-1).narrow(-1, 0, p.size(2) - 1).le(level).sum(-1, false);
        var confidence =
                switch (order) {
                    case GREEDY -> p.gather(-1, ids.unsqueeze(-1)).squeeze(-1);
                    case RANDOM -> seed.split("order").uniform(p.size(0), p.size(1));
                };
        return new Draws(ids, confidence);
    }

    /// What is hidden after a step: what was kept before stays.
    private Tensor hide(Tensor hidden, Tensor confidence, int step) {
        int tokens = (int) hidden.size(1);
        var sure = confidence.maskedFill(hidden.logicalNot(), Double.POSITIVE_INFINITY);
        var kept = sure.topk(kept(tokens, step, steps), 1, true).indices();
        return Tensor.ones(DType.BOOL, hidden.shape()).scatter(1, kept, 0.0);
    }
}
