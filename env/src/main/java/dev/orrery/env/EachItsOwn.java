package dev.orrery.env;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// A batch policy that keeps one ordinary policy for each episode.
final class EachItsOwn<A> implements BatchPolicy<A> {

    private final Supplier<? extends Policy<A>> fresh;
    private final List<Policy<A>> policies = new ArrayList<>();

    EachItsOwn(Supplier<? extends Policy<A>> fresh) {
        this.fresh = fresh;
    }

    @Override
    public void reset(long[] seeds) {
        policies.clear();
        for (long seed : seeds) {
            Policy<A> policy = fresh.get();
            policy.reset(seed);
            policies.add(policy);
        }
    }

    @Override
    public List<A> act(int[] episodes, List<Observation> observations) {
        var actions = new ArrayList<A>(episodes.length);
        for (int k = 0; k < episodes.length; k++) {
            actions.add(policies.get(episodes[k]).act(observations.get(k)));
        }
        return actions;
    }
}
