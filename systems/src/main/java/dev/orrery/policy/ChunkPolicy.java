package dev.orrery.policy;

import dev.orrery.env.Observation;
import java.util.List;
import java.util.Optional;

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

    /// Whether [Held] actions change what is predicted.
    default boolean continues() {
        return false;
    }

    /// What multiplies the policy's weights, in a line, where it has any on this machine.
    default Optional<String> kernels() {
        return Optional.empty();
    }

    /// The chunks of several robots. A policy that can predicts them in one pass; they are what
    /// [#reset] with a question's seed and [#chunk] would give, up to rounding.
    ///
    /// @return a chunk a question, in their order
    default List<float[][]> chunks(List<Question> questions) {
        return questions.stream()
                .map(question -> {
                    reset(question.seed());
                    return chunk(question.observation(), question.held());
                })
                .toList();
    }

    /// What one robot asks.
    ///
    /// @param held what is already decided; [Held#NONE] if nothing is
    /// @param seed what the chunk's noise is drawn from
    record Question(Observation observation, Held held, long seed) {}

    /// The actions of the chunk that is still being executed, from now on.
    ///
    /// @param actions rows of A values, possibly none
    /// @param frozen how many of them will have been executed before the new chunk can take over
    record Held(float[][] actions, int frozen) {

        /// Nothing is decided.
        public static final Held NONE = new Held(new float[0][], 0);
    }
}
