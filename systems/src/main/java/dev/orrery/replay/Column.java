package dev.orrery.replay;

/// One value that is stored a step.
///
/// @param name what it is called, as in `.npz` files
/// @param kind how its elements are stored
/// @param width how many elements it has
public record Column(String name, Kind kind, int width) {

    /// How an element is stored.
    public enum Kind {
        F32(4, "<f4"),
        F16(2, "<f2"),
        I32(4, "<i4"),
        U8(1, "|u1");

        final int bytes;
        final String numpy;

        Kind(int bytes, String numpy) {
            this.bytes = bytes;
            this.numpy = numpy;
        }
    }

    public Column {
        if (width < 1 || name.isEmpty())
            throw new IllegalArgumentException(
                    "column '%s' has width %d; give it a name and at least one element"
                            .formatted(name, width));
    }

    /// Numbers.
    public static Column floats(String name, int width) {
        return new Column(name, Kind.F32, width);
    }

    /// Numbers in half precision, for what need not be exact.
    public static Column halves(String name, int width) {
        return new Column(name, Kind.F16, width);
    }

    /// Whole numbers.
    public static Column ints(String name, int width) {
        return new Column(name, Kind.I32, width);
    }

    /// Bytes, such as pixels, truth values or classes below 256.
    public static Column bytes(String name, int width) {
        return new Column(name, Kind.U8, width);
    }

    int rowBytes() {
        return width * kind.bytes;
    }
}
