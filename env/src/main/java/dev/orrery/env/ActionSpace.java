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

    /// A finite number of actions, each made of one choice or of several at once; this is what a
    /// policy with one categorical distribution a choice needs to know.
    sealed interface Finite<A> extends ActionSpace<A> {

        /// How many ways there are for each choice.
        int[] sizes();

        /// The action of these choices.
        ///
        /// @throws IllegalArgumentException if there are too few or too many, or one is out of
        ///   range
        A at(int... choices);

        /// The choices that make this action; the inverse of [#at].
        int[] choices(A action);

        private static void check(int[] choices, int... sizes) {
            boolean fits = choices.length == sizes.length;
            for (int i = 0; fits && i < sizes.length; i++) {
                fits = choices[i] >= 0 && choices[i] < sizes[i];
            }
            if (!fits) {
                throw new IllegalArgumentException(
                        "choices %s are not below %s"
                                .formatted(Arrays.toString(choices), Arrays.toString(sizes)));
            }
        }
    }

    /// A finite choice; an action is one of `values`.
    ///
    /// @param values the choices, in the order of their index
    record Discrete<E>(List<E> values) implements Finite<E> {

        public Discrete {
            values = List.copyOf(values);
        }

        @Override
        public int[] sizes() {
            return new int[] {values.size()};
        }

        @Override
        public E at(int... choices) {
            Finite.check(choices, values.size());
            return values.get(choices[0]);
        }

        @Override
        public int[] choices(E action) {
            check(action);
            return new int[] {values.indexOf(action)};
        }

        @Override
        public void check(E action) {
            if (!values.contains(action)) {
                throw new IllegalArgumentException(
                        "action %s is not one of %s".formatted(action, values));
            }
        }
    }

    /// A move and a word, chosen at once.
    ///
    /// @param moves the moves, in the order of their index
    /// @param words the words; the first is silence
    /// @param <E> what a move is
    record Spoken<E>(List<E> moves, List<String> words) implements Finite<Spoken.Act<E>> {

        public Spoken {
            moves = List.copyOf(moves);
            words = List.copyOf(words);
        }

        /// What is done and said at once.
        ///
        /// @param move the move
        /// @param word the number of the word, 0 for silence
        /// @param <E> what a move is
        public record Act<E>(E move, int word) {}

        @Override
        public int[] sizes() {
            return new int[] {moves.size(), words.size()};
        }

        @Override
        public Act<E> at(int... choices) {
            Finite.check(choices, moves.size(), words.size());
            return new Act<>(moves.get(choices[0]), choices[1]);
        }

        @Override
        public int[] choices(Act<E> action) {
            check(action);
            return new int[] {moves.indexOf(action.move()), action.word()};
        }

        @Override
        public void check(Act<E> action) {
            if (!moves.contains(action.move())
                    || action.word() < 0
                    || action.word() >= words.size()) {
                throw new IllegalArgumentException(
                        "action %s needs one of the moves %s and a word below %d"
                                .formatted(action, moves, words.size()));
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
