package dev.orrery.system.rt2;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// What an answer of a robot is: `1 128 91 241 5 101 127 255`, a flag that ends the episode and the
/// integers of K actions.
sealed interface ActionString {

    /// An action, whole.
    ///
    /// @param terminate whether the episode is over
    /// @param bins K · A integers from 0 to 255
    record Said(boolean terminate, List<Integer> bins) implements ActionString {
        public Said {
            bins = List.copyOf(bins);
        }

        static Said of(int[] integers) {
            return new Said(integers[0] == 1, Arrays.stream(integers).skip(1).boxed().toList());
        }

        /// The flag and the integers.
        int[] integers() {
            var all = new int[1 + bins.size()];
            all[0] = terminate ? 1 : 0;
            for (int i = 0; i < bins.size(); i++) all[1 + i] = bins.get(i);
            return all;
        }

        /// The integers without the flag.
        int[] actions() {
            return bins.stream().mapToInt(i -> i).toArray();
        }

        @Override
        public String toString() {
            return Arrays.stream(integers())
                    .mapToObj(Integer::toString)
                    .collect(Collectors.joining(" "));
        }
    }

    /// No action, not even in part.
    ///
    /// @param why what is wrong
    /// @param text what was said instead
    /// @param wanted how many integers an answer has
    record Unreadable(Reason why, String text, int wanted) implements ActionString {

        /// The error for whoever needs an action.
        @Override
        public String toString() {
            return "rt-2: the answer '%s' is no action: %s; it must be %d integers, the first 0 or 1, the others from 0 to 255"
                    .formatted(text, why.words, wanted);
        }
    }

    /// What can be wrong with an answer.
    enum Reason {
        NOT_AN_INTEGER("a word is no integer"),
        OUT_OF_RANGE("an integer is too large"),
        TOO_FEW("there are too few integers"),
        TOO_MANY("there are too many integers"),
        FLAG("the first integer is neither 0 nor 1");

        private final String words;

        Reason(String words) {
            this.words = words;
        }
    }

    /// Reads an answer.
    ///
    /// @param wanted integers of an answer, the flag included
    static ActionString parse(String text, int wanted) {
        var integers = new ArrayList<Integer>();
        var words = text.strip().split("\\s+");
        for (var word : words) {
            if (!word.matches("[0-9]{1,9}")) {
                return new Unreadable(
                        word.isEmpty() ? Reason.TOO_FEW : Reason.NOT_AN_INTEGER, text, wanted);
            }
            int integer = Integer.parseInt(word);
            if (integer >= ActionBins.COUNT) {
                return new Unreadable(Reason.OUT_OF_RANGE, text, wanted);
            }
            integers.add(integer);
        }
        if (integers.size() != wanted) {
            var why = integers.size() < wanted ? Reason.TOO_FEW : Reason.TOO_MANY;
            return new Unreadable(why, text, wanted);
        }
        return integers.getFirst() > 1
                ? new Unreadable(Reason.FLAG, text, wanted)
                : Said.of(integers.stream().mapToInt(i -> i).toArray());
    }
}
