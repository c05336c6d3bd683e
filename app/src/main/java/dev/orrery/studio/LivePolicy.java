package dev.orrery.studio;

import dev.orrery.env.Observation;
import java.util.List;

/// A policy at work on the live tabletop. Used by one thread.
public interface LivePolicy extends AutoCloseable {

    /// What a policy has decided.
    ///
    /// @param chunk the actions that it expects to take from here, the one to take now first; each
    ///   has A values in the environment's units
    /// @param committed how many of them it will take before it predicts again, at least the first
    /// @param fresh whether it predicted the chunk just now, rather than going on with one
    record Decision(List<float[]> chunk, int committed, boolean fresh) {
        public Decision {
            chunk = List.copyOf(chunk);
            if (committed < 1 || committed > chunk.size()) {
                throw new IllegalArgumentException(
                        "a decision of %d actions cannot commit to %d; commit to the first at least"
                                .formatted(chunk.size(), committed));
            }
        }

        /// A decision that holds for one action; the rest of the chunk is an outlook.
        public static Decision of(List<float[]> chunk) {
            return new Decision(chunk, Math.min(1, chunk.size()), true);
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
