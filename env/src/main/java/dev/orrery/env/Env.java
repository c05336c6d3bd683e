package dev.orrery.env;

/// A world that an agent can act in, one step at a time.
///
/// The same seed and the same actions give the same observations, bit for bit, on every machine.
/// Instances hold the state of one episode and are not safe for use by several threads.
///
/// @param <A> what an action is: an enum constant, a `float[]` or text
public interface Env<A> {

    /// The actions that [#step] accepts.
    ActionSpace<A> actions();

    /// Starts a new episode; equal seeds start equal episodes.
    Observation reset(long seed);

    /// Advances the world by one action.
    ///
    /// @throws IllegalArgumentException if the action is not in [#actions]
    /// @throws IllegalStateException before the first [#reset] and after the episode's end
    Step step(A action);
}
