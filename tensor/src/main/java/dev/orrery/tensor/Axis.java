package dev.orrery.tensor;

/// The length of a named axis in a pattern of [Tensor#rearrange].
///
/// @param name one word of letters, digits and underscores, starting with a letter
/// @param length elements along the axis
public record Axis(String name, long length) {

    public Axis {
        if (!name.matches("[A-Za-z][A-Za-z0-9_]*")) {
            throw new IllegalArgumentException(
                    "axis name '%s' is not one word; use letters, digits and _".formatted(name));
        }
        if (length < 1) {
            throw new IllegalArgumentException("axis %s has length %d".formatted(name, length));
        }
    }

    /// The axis of this name and length; import it statically.
    public static Axis axis(String name, long length) {
        return new Axis(name, length);
    }
}
