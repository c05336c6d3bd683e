package dev.orrery.policy;

import dev.orrery.env.Observation;

/// Predicts the next H actions at once.
@FunctionalInterface
public interface ChunkPolicy {

    /// Forgets the last episode; draws from `seed` from now on.
    default void reset(long seed) {}

    /// The next actions, H rows in the environment's units.
    ///
    /// @param held what is already decided about the first of them; a policy that cannot use it may
    ///   ignore it
    float[][] chunk(Observation observation, Held held);

    /// The actions of the chunk that is still being executed, from now on.
    ///
    /// @param actions rows of A values, possibly none
    /// @param frozen how many of them will have been executed before the new chunk can take over
    record Held(float[][] actions, int frozen) {

        /// Nothing is decided.
        public static final Held NONE = new Held(new float[0][], 0);
    }
}
