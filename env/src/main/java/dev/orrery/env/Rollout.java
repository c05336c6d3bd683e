package dev.orrery.env;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// Runs a policy against an environment.
public final class Rollout {

    private Rollout() {}

    /// One episode, from reset to its end.
    public static <A> Episode<A> run(Env<A> env, Policy<A> policy, long seed) {
        policy.reset(seed);
        return follow(env, policy::act, seed);
    }

    /// One episode of a demonstrator, which may look at the true state.
    public static <A, E extends Env<A>> Episode<A> run(
            E env, Demonstrator<? super E, A> demonstrator, long seed) {
        return follow(env, _ -> demonstrator.act(env), seed);
    }

    /// Episodes with seeds `seed`, `seed + 1` and so on.
    public static <A> List<Episode<A>> collect(
            Supplier<? extends Env<A>> envs, Policy<A> policy, int episodes, long seed) {
        var env = envs.get();
        var all = new ArrayList<Episode<A>>();
        for (int k = 0; k < episodes; k++) {
            all.add(run(env, policy, seed + k));
        }
        return all;
    }

    /// Episodes of a demonstrator with seeds `seed`, `seed + 1` and so on.
    public static <A, E extends Env<A>> List<Episode<A>> collect(
            Supplier<E> envs, Demonstrator<? super E, A> demonstrator, int episodes, long seed) {
        var env = envs.get();
        var all = new ArrayList<Episode<A>>();
        for (int k = 0; k < episodes; k++) {
            all.add(run(env, demonstrator, seed + k));
        }
        return all;
    }

    private static <A> Episode<A> follow(
            Env<A> env, java.util.function.Function<Observation, A> rule, long seed) {
        var frames = new ArrayList<Episode.Frame<A>>();
        var observation = env.reset(seed);
        while (true) {
            var action = rule.apply(observation);
            var step = env.step(action);
            boolean success = step.terminated() && step.reward() > 0;
            frames.add(
                    new Episode.Frame<>(observation, action, step.reward(), step.last(), success));
            if (step.last()) {
                return new Episode<>(seed, frames, success);
            }
            observation = step.observation();
        }
    }
}
