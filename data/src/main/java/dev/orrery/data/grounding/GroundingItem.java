package dev.orrery.data.grounding;

import java.util.List;

/// A conversation about a picture.
///
/// @param id as found, or its place in the file
/// @param image the picture's name, as found
/// @param width of the picture as stored, in pixels
/// @param height of the picture as stored, in pixels
/// @param turns questions with their answers, in order
public record GroundingItem(String id, String image, int width, int height, List<Turn> turns) {

    public GroundingItem {
        turns = List.copyOf(turns);
    }

    /// A question and its answer.
    ///
    /// @param question without the picture's mark
    /// @param answer as found
    /// @param marks the places that the answer names, in its order
    public record Turn(String question, String answer, List<Mark> marks) {
        public Turn {
            marks = List.copyOf(marks);
        }
    }

    /// A place in an answer.
    public sealed interface Mark {

        /// Where its numbers begin in the answer, and where they end.
        int from();

        int to();

        record Boxed(BoxConvention.Box box, int from, int to) implements Mark {}

        record Pointed(BoxConvention.Point point, int from, int to) implements Mark {}
    }

    /// An answer with its places counted in another convention, or for the picture at another size:
    /// answers in pixels are wrong once the picture is resized.
    ///
    /// @param width of the picture as a model sees it
    public String answer(Turn turn, BoxConvention convention, int width, int height) {
        var out = new StringBuilder();
        int at = 0;
        for (var mark : turn.marks()) {
            out.append(turn.answer(), at, mark.from());
            var numbers =
                    switch (mark) {
                        case Mark.Boxed(var box, _, _) -> box.in(convention, width, height);
                        case Mark.Pointed(var point, _, _) -> point.in(convention, width, height);
                    };
            for (int i = 0; i < numbers.length; i++) {
                out.append(i == 0 ? "" : ", ").append(text(numbers[i]));
            }
            at = mark.to();
        }
        return out.append(turn.answer().substring(at)).toString();
    }

    private static String text(double number) {
        return number == Math.rint(number)
                ? Long.toString((long) number)
                : String.format(java.util.Locale.ROOT, "%.4f", number).replaceAll("0+$", "");
    }
}
