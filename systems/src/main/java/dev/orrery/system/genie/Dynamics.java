package dev.orrery.system.genie;

import dev.orrery.nn.Embedding;
import dev.orrery.nn.Init;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.spacetime.SpatioTemporalTransformer;
import dev.orrery.spacetime.TemporalCache;
import dev.orrery.system.genie.GenieConfig.Injection;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.List;
import java.util.Optional;

/// Predicts hidden ids of frames from visible ones and from what was done: MaskGIT over time.
///
/// Frame t is told the action of the step from t-1 to t, the one that led to it; a clip's first
/// frame is told that there was none. (Told the action that leads away from it, a model trains as
/// well and does not obey.) Ids are I64 `(B, T, N)`, actions `(B, T-1, A)`, logits `(B, T, N, K)`.
///
/// Names: `dynamics.{embed,mask,null,action_up}` and those of the transformer under `dynamics`,
/// among them `dynamics.head`; `dynamics.actions` with real actions. Source: arXiv:2402.15391
/// section 2.1.
public final class Dynamics extends Module {

    private static final long IGNORED = -100;

    private final Injection injection;
    private final int tokens, codes;
    private final Embedding embed;
    private final Tensor mask, none;
    private final Linear actionUp;
    private final Optional<Embedding> real;
    private final SpatioTemporalTransformer transformer;

    /// @param realActions how many actions the data has, if they take the place of latent ones; 0
    ///   if not
    public Dynamics(GenieConfig config, int realActions, Seed seed) {
        var own = config.dynamics();
        var grid = config.tokenizerPatches().grid();
        int width = own.network().width(), action = config.latentActions().codes().width();
        injection = own.injection();
        tokens = grid.tokens();
        codes = config.tokenizer().codes().codes();
        var small = Init.normal(0.02);
        embed = child("dynamics.embed", new Embedding(codes, width, 0.02, seed.split("embed")));
        mask = parameter("dynamics.mask", small, seed, width);
        none = parameter("dynamics.null", small, seed, width);
        actionUp =
                child(
                        "dynamics.action_up",
                        Linear.of(action, width, true, small, seed.split("up")));
        real =
                realActions == 0
                        ? Optional.empty()
                        : Optional.of(
                                child(
                                        "dynamics.actions",
                                        new Embedding(
                                                realActions, action, 1, seed.split("actions"))));
        transformer =
                child(
                        "dynamics",
                        new SpatioTemporalTransformer(
                                new SpatioTemporalTransformer.Config(
                                        own.network().block(),
                                        own.network().blocks(),
                                        switch (injection) {
                                            case PREPEND -> grid.behind(1);
                                            case ADDITIVE -> grid;
                                        },
                                        config.data().context(),
                                        width,
                                        codes),
                                seed.split("transformer")));
    }

    /// Tokens of a frame, N.
    public int tokens() {
        return tokens;
    }

    /// Vectors of real actions `(..., A)` by number.
    ///
    /// @throws IllegalStateException if this model was trained with latent ones
    public Tensor real(Tensor actions) {
        return real.orElseThrow(() ->
                        new IllegalStateException(
                                "genie: these dynamics know latent actions only; train with"
                                        + " latentActions.useGtActions=true"))
                .forward(actions);
    }

    /// Logits of all ids.
    ///
    /// @param ids `(B, T, N)`
    /// @param hidden BOOL `(B, T, N)`, true where an id must not be seen
    /// @param actions `(B, T-1, A)`, what led from each frame to the next
    public Tensor forward(Tensor ids, Tensor hidden, Tensor actions) {
        check(ids, actions);
        return logits(transformer.forward(frames(ids, hidden, ledFromStart(actions))));
    }

    /// What embedded frames go through.
    SpatioTemporalTransformer transformer() {
        return transformer;
    }

    /// Mean cross-entropy of the hidden ids.
    public Tensor loss(Tensor ids, FrameMask.Masked masked, Tensor actions) {
        var logits = logits(masked, ids, actions);
        var target = ids.maskedFill(masked.hidden().logicalNot(), (double) IGNORED);
        if (masked.pastKnown()) target = target.narrow(1, 1, ids.size(1) - 1);
        return Functional.crossEntropy(logits.reshape(-1, codes), target.flatten(), IGNORED, 0);
    }

    private Tensor logits(FrameMask.Masked masked, Tensor ids, Tensor actions) {
        if (!masked.pastKnown()) return forward(masked.ids(), masked.hidden(), actions);
        check(ids, actions);
        long steps = ids.size(1) - 1;
        var led = ledFromStart(actions);
        var past = masked.ids().narrow(1, 0, steps);
        var seen = Tensor.zeros(DType.BOOL, past.shape());
        var known = frames(past, seen, led.narrow(1, 0, steps));
        var hidden = masked.hidden().narrow(1, 1, steps);
        var guessed = frames(ids.narrow(1, 1, steps), hidden, led.narrow(1, 1, steps));
        return logits(transformer.afterEach(known, guessed));
    }

    private void check(Tensor ids, Tensor actions) {
        if (ids.rank() != 3
                || ids.size(2) != tokens
                || actions.size(0) != ids.size(0)
                || actions.size(1) != ids.size(1) - 1) {
            throw new IllegalArgumentException(
                    "genie: ids %s with actions %s; needs (B, T, %d) with (B, T-1, A)"
                            .formatted(ids, actions, tokens));
        }
    }

    /// What led to each frame `(B, T, D)`: nothing to the first, then each action to its successor.
    private Tensor ledFromStart(Tensor actions) {
        long b = actions.size(0), width = none.size(0);
        return Tensor.cat(List.of(none.expand(b, 1, width), actionUp.forward(actions)), 1);
    }

    private Tensor frames(Tensor ids, Tensor hidden, Tensor led) {
        var x = Tensor.where(hidden.unsqueeze(-1), mask, embed.forward(ids));
        return switch (injection) {
            case ADDITIVE -> x.add(led.unsqueeze(2));
            case PREPEND -> Tensor.cat(List.of(led.unsqueeze(2), x), 2);
        };
    }

    private Tensor logits(Tensor y) {
        return switch (injection) {
            case ADDITIVE -> y;
            case PREPEND -> y.narrow(2, 1, tokens);
        };
    }

    // ---- at play: the past is visible and known

    /// An empty cache of a window.
    public TemporalCache cache() {
        return transformer.cache();
    }

    /// Takes a window's frames into an empty cache.
    ///
    /// @param ids `(B, T, N)`
    /// @param actions `(B, T-1, A)`
    public void begin(Tensor ids, Tensor actions, TemporalCache cache) {
        check(ids, actions);
        append(ids, ledFromStart(actions), cache);
    }

    /// Adds one frame to those in a cache.
    ///
    /// @param ids `(B, 1, N)`
    /// @param action that led to it `(B, A)`
    public void extend(Tensor ids, Tensor action, TemporalCache cache) {
        append(ids, actionUp.forward(action.unsqueeze(1)), cache);
    }

    private void append(Tensor ids, Tensor led, TemporalCache cache) {
        try (var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            var seen = Tensor.zeros(DType.BOOL, ids.shape());
            transformer.append(frames(ids, seen, led), cache);
        }
    }

    /// Logits `(B, N, K)` of the frame after those in a cache, which stays as it is.
    ///
    /// @param ids what is known of it `(B, N)`
    /// @param hidden BOOL `(B, N)`, true where an id is not known yet
    /// @param action that leads to it `(B, A)`
    public Tensor next(Tensor ids, Tensor hidden, Tensor action, TemporalCache cache) {
        try (var _ = Grad.disabled();
                var scope = TensorScope.open()) {
            var led = actionUp.forward(action.unsqueeze(1));
            var x = frames(ids.unsqueeze(1), hidden.unsqueeze(1), led);
            return scope.keep(logits(transformer.after(x, cache)).squeeze(1));
        }
    }
}
