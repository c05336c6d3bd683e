package dev.orrery.studio;

import dev.orrery.env.Observation;
import java.util.List;

/// A policy at work on the live tabletop. Used by one thread.
public interface LivePolicy extends AutoCloseable {

    /// What a policy has decided.
    ///
    /// @param chunk the actions that it expects to take from here, the one to take now first; each
    ///   has A values in the environment's units
    record Decision(List<float[]> chunk) {
        public Decision {
            chunk = List.copyOf(chunk);
            if (chunk.isEmpty()) {
                throw new IllegalArgumentException("a decision needs at least the present action");
            }
        }

        /// The action to take now.
        public float[] action() {
            return chunk.getFirst();
        }
    }

    /// Forgets the last episode; stochastic policies draw from `seed`.
    void reset(long seed);

    /// What to do on this observation, and what would follow.
    Decision decide(Observation observation);

    @Override
    default void close() {}
}
