package dev.orrery.env;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ObjIntConsumer;
import java.util.stream.IntStream;

/// Several environments that run in lock-step, spread over the cores.
///
/// Each environment sees only its own actions, so the results do not depend on how the work was
/// spread. An episode that has ended stays ended until the next reset.
///
/// @param <E> the environment
/// @param <A> what an action is
public final class VecEnv<E extends Env<A>, A> {

    /// Starts one environment; the number is its place.
    @FunctionalInterface
    public interface Starter<E> {
        /// Resets `env` and returns what it shows.
        Observation start(E env, int place);
    }

    private final List<E> envs;
    private final Observation[] observations;
    private int[] running = {};

    /// Takes over these environments.
    public VecEnv(List<E> envs) {
        this.envs = List.copyOf(envs);
        this.observations = new Observation[envs.size()];
    }

    /// The number of environments N.
    public int size() {
        return envs.size();
    }

    /// The environment at a place.
    public E env(int place) {
        return envs.get(place);
    }

    /// Resets each environment with its seed.
    public void reset(long[] seeds) {
        if (seeds.length != envs.size()) {
            throw new IllegalArgumentException(
                    "%d seeds for %d environments".formatted(seeds.length, envs.size()));
        }
        reset((env, place) -> env.reset(seeds[place]));
    }

    /// Resets each environment in its own way.
    public void reset(Starter<? super E> starter) {
        IntStream.range(0, envs.size())
                .parallel()
                .forEach(k -> observations[k] = starter.start(envs.get(k), k));
        running = IntStream.range(0, envs.size()).toArray();
    }

    /// The places of the episodes that still run, ascending.
    public int[] running() {
        return running.clone();
    }

    /// What each running episode shows, in the order of [#running].
    public List<Observation> observations() {
        return Arrays.stream(running).mapToObj(k -> observations[k]).toList();
    }

    /// Steps every running episode with its action.
    ///
    /// @param actions in the order of [#running]
    /// @param seen is told each step and its place, on the calling thread, in order
    public void step(List<A> actions, ObjIntConsumer<Step> seen) {
        if (actions.size() != running.length) {
            throw new IllegalArgumentException(
                    "%d actions for %d running episodes".formatted(actions.size(), running.length));
        }
        var steps = new Step[running.length];
        IntStream.range(0, running.length)
                .parallel()
                .forEach(i -> steps[i] = envs.get(running[i]).step(actions.get(i)));
        var still = new ArrayList<Integer>();
        for (int i = 0; i < steps.length; i++) {
            observations[running[i]] = steps[i].observation();
            if (!steps[i].last()) {
                still.add(running[i]);
            }
            seen.accept(steps[i], running[i]);
        }
        running = still.stream().mapToInt(Integer::intValue).toArray();
    }
}
