package dev.orrery.env;

/// A rule that turns what is perceived into what is done.
///
/// @param <A> what an action is
public interface Policy<A> {

    /// Forgets the last episode; stochastic policies draw from `seed`.
    default void reset(long seed) {}

    /// The action for this observation.
    A act(Observation observation);
}
