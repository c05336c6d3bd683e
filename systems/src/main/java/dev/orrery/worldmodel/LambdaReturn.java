package dev.orrery.worldmodel;

import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;

/// Returns that mix estimates over all horizons: `R_t = r_t + d_t ((1 - λ_t) v_t + λ_t R_{t+1})`,
/// where entry t is about what follows state t.
///
/// Source: arXiv:2301.04104, after Sutton's TD(λ).
public final class LambdaReturn {

    private LambdaReturn() {}

    /// @param rewards r_t, received on arriving in state t + 1, `(T, ...)`
    /// @param discounts d_t, 0 where state t + 1 is terminal
    /// @param nextValues v_t, the value of state t + 1; the last one also stands for what follows
    /// @param lambda the weight of longer horizons
    public static Tensor of(Tensor rewards, Tensor discounts, Tensor nextValues, double lambda) {
        return of(rewards, discounts, nextValues, Tensor.full(lambda, rewards.shape()));
    }

    /// As above with a weight for each step: 0 cuts a return off at the value, as where an episode
    /// was truncated.
    public static Tensor of(Tensor rewards, Tensor discounts, Tensor nextValues, Tensor lambdas) {
        var near = rewards.add(discounts.mul(nextValues.sub(lambdas.mul(nextValues)))).unbind(0);
        var far = discounts.mul(lambdas).unbind(0);
        int steps = near.size();
        var following = nextValues.select(0, steps - 1L);
        var returns = new ArrayList<Tensor>(steps);
        for (int t = steps - 1; t >= 0; t--) {
            following = near.get(t).add(far.get(t).mul(following));
            returns.add(following);
        }
        Collections.reverse(returns);
        return Tensor.stack(returns, 0);
    }
}
