package dev.orrery.env.tabletop;

import java.util.List;
import java.util.stream.IntStream;

/// What a block is: a colour and a shape. A scene never holds the same kind twice.
public record Kind(Colour colour, Shape shape) {

    /// All sixteen, by [#index].
    public static final List<Kind> ALL = IntStream.range(0, 16).mapToObj(Kind::of).toList();

    static Kind of(int index) {
        return new Kind(Colour.values()[index / 4], Shape.values()[index % 4]);
    }

    /// Four times the colour's place plus the shape's: 0 to 15.
    public int index() {
        return 4 * colour.ordinal() + shape.ordinal();
    }

    /// The words for it, as in `red star`.
    public String words() {
        return colour.word() + " " + shape.word();
    }

    /// The name in files, as in `red-star`.
    @Override
    public String toString() {
        return colour.word() + "-" + shape.word();
    }

    /// Reads what [#toString] writes.
    ///
    /// @throws IllegalArgumentException if there is no such block
    public static Kind parse(String name) {
        return ALL.stream()
                .filter(kind -> kind.toString().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "block '%s' does not exist; blocks are %s".formatted(name, ALL)));
    }
}
