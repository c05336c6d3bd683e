package dev.orrery.env;

/// A rule that may look at the true state of an environment; it shows what to do.
///
/// @param <E> the environment
/// @param <A> what an action is
@FunctionalInterface
public interface Demonstrator<E extends Env<A>, A> {

    /// The action for the present state of `env`.
    A act(E env);
}
