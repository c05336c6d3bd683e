package dev.orrery.worldmodel;

import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;

/// Dreams: states that follow from actions alone.
///
/// @param features states s_0 to s_H, `(H + 1, N, D + G K)`, without gradients
/// @param actions a_t, chosen in state s_t, `(H, N, A)`
public record Imagination(Tensor features, Tensor actions) {

    /// Chooses actions `(N, A)` in states `(N, D + G K)`.
    @FunctionalInterface
    public interface Actor {
        Tensor act(Tensor features, int step);
    }

    /// Dreams on from N states for a number of steps. Nothing is recorded for gradients: policies
    /// learn from the returns of what they chose.
    public static Imagination roll(
            Rssm rssm, Rssm.State start, int horizon, Actor actor, Draws draws) {
        try (var _ = Grad.disabled()) {
            var walk = rssm.imagine();
            var states = new ArrayList<Tensor>();
            var actions = new ArrayList<Tensor>();
            var state = start.detach();
            states.add(state.features());
            for (int t = 0; t < horizon; t++) {
                try (var scope = TensorScope.open()) {
                    var action = actor.act(states.getLast(), t);
                    var next = walk.step(state, action, draws, t);
                    state = new Rssm.State(scope.keep(next.deter()), scope.keep(next.latents()));
                    actions.add(scope.keep(action));
                    states.add(scope.keep(state.features()));
                }
            }
            return new Imagination(Tensor.stack(states, 0), Tensor.stack(actions, 0));
        }
    }

    /// Weights `(H + 1, N)` of imagined states: how likely the episode still runs there,
    /// discounted, 1 at the root where it runs and 0 after it has ended.
    ///
    /// @param continues discounted probability that the episode goes on after each state `(H + 1,
    ///   N)`
    /// @param discount what the root is not to be discounted by: γ, or 1 where `continues` was
    ///   trained with the discount in it
    public static Tensor weights(Tensor continues, double discount) {
        return continues.mul(discount).cumprod(0).div(discount);
    }
}
