package dev.orrery.env;

import java.util.List;

/// A policy that acts in many episodes at once, one model call for all of them.
///
/// @param <A> what an action is
public interface BatchPolicy<A> {

    /// Forgets everything and prepares for `seeds.length` episodes; the place of an episode stays
    /// its number.
    void reset(long[] seeds);

    /// One action for each observation.
    ///
    /// @param episodes the numbers of the episodes that still run, ascending
    /// @param observations what is perceived in each of them, in the same order
    List<A> act(int[] episodes, List<Observation> observations);

    /// A batch of copies of an ordinary policy.
    static <A> BatchPolicy<A> of(java.util.function.Supplier<? extends Policy<A>> policy) {
        return new EachItsOwn<>(policy);
    }
}
