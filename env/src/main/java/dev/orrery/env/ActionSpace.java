package dev.orrery.env;

import java.util.Arrays;
import java.util.List;

/// The set of actions that an [Env] accepts.
///
/// @param <A> what an action is
public sealed interface ActionSpace<A> {

    /// Checks one action.
    ///
    /// @throws IllegalArgumentException if it is not in the space; the message says why
    void check(A action);

    /// A finite choice between the constants of an enum.
    static <E extends Enum<E>> Discrete<E> of(Class<E> type) {
        return new Discrete<>(List.of(type.getEnumConstants()));
    }

    /// A finite choice; an action is one of `values`.
    ///
    /// @param values the choices, in the order of their index
    record Discrete<E>(List<E> values) implements ActionSpace<E> {

        public Discrete {
            values = List.copyOf(values);
        }

        @Override
        public void check(E action) {
            if (!values.contains(action)) {
                throw new IllegalArgumentException(
                        "action %s is not one of %s".formatted(action, values));
            }
        }
    }

    /// Vectors of A real numbers between two bounds. Values outside are clipped by the environment,
    /// not refused.
    ///
    /// @param names one name a dimension
    /// @param low least value of every dimension
    /// @param high greatest value of every dimension
    record Box(List<String> names, float low, float high) implements ActionSpace<float[]> {

        public Box {
            names = List.copyOf(names);
        }

        /// The number of action dimensions A.
        public int size() {
            return names.size();
        }

        @Override
        public void check(float[] action) {
            if (action.length != names.size()) {
                throw new IllegalArgumentException(
                        "action has %d values, the environment takes %d: %s"
                                .formatted(action.length, names.size(), names));
            }
            for (float value : action) {
                if (!Float.isFinite(value)) {
                    throw new IllegalArgumentException(
                            "action is not finite: " + Arrays.toString(action));
                }
            }
        }
    }

    /// Any text.
    record Text() implements ActionSpace<String> {
        @Override
        public void check(String action) {}
    }
}
