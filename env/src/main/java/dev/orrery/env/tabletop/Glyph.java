package dev.orrery.env.tabletop;

import java.util.List;
import java.util.Locale;

/// A sign on a pad: a letter, a digit or an arrow.
///
/// The picture is five rows of five bits, the top row first.
public enum Glyph {
    A("letter a", 0b01110_10001_11111_10001_10001),
    B("letter b", 0b11110_10001_11110_10001_11110),
    C("letter c", 0b01111_10000_10000_10000_01111),
    E("letter e", 0b11111_10000_11110_10000_11111),
    H("letter h", 0b10001_10001_11111_10001_10001),
    T("letter t", 0b11111_00100_00100_00100_00100),
    ONE("number one", 0b00100_01100_00100_00100_01110),
    TWO("number two", 0b11110_00001_01110_10000_11111),
    THREE("number three", 0b11110_00001_01110_00001_11110),
    FOUR("number four", 0b10010_10010_11111_00010_00010),
    ARROW_LEFT("left arrow", 0b00100_01000_11111_01000_00100),
    ARROW_RIGHT("right arrow", 0b00100_00010_11111_00010_00100),
    ARROW_UP("up arrow", 0b00100_01110_10101_00100_00100),
    ARROW_DOWN("down arrow", 0b00100_00100_10101_01110_00100);

    /// Rows and columns of the picture.
    public static final int SIDE = 5;

    private final String words;
    private final int bits;

    Glyph(String words, int bits) {
        this.words = words;
        this.bits = bits;
    }

    /// The words for it, as in `letter a`.
    public String words() {
        return words;
    }

    /// The name in files, as in `arrow-left`.
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// Whether a cell of the picture is dark; row 0 is the top, column 0 the left one, of [#SIDE].
    public boolean ink(int row, int column) {
        return (bits >> (24 - 5 * row - column) & 1) == 1;
    }

    static Glyph parse(String word) {
        for (var glyph : values()) {
            if (glyph.word().equals(word)) {
                return glyph;
            }
        }
        throw new IllegalArgumentException(
                "sign '%s' does not exist; signs are %s".formatted(word, List.of(values())));
    }
}
