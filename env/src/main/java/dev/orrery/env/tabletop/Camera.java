package dev.orrery.env.tabletop;

/// A camera that looks straight down: the map between table and picture.
///
/// @param left x of the picture's left edge, in table units
/// @param top y of the picture's upper edge
/// @param side length of the picture's side
/// @param pixels rows and columns of the picture
public record Camera(float left, float top, float side, int pixels) {

    /// Names of the two cameras, in the order of every observation.
    public static final String OVERHEAD = "overhead", WRIST = "wrist";

    /// Sides of their pictures, in pixels.
    public static final int OVERHEAD_PIXELS = 64, WRIST_PIXELS = 32;

    private static final float WRIST_REACH = .16f;

    /// The camera that sees the whole table.
    public static Camera overhead(int pixels) {
        return new Camera(0, 1, 1, pixels);
    }

    /// The camera above a gripper at (x, y).
    public static Camera wrist(float x, float y, int pixels) {
        return new Camera(x - WRIST_REACH, y + WRIST_REACH, 2 * WRIST_REACH, pixels);
    }

    /// The column of a point of the table, in pixels from the left edge.
    public float column(float x) {
        return (x - left) * (pixels / side);
    }

    /// The row of a point of the table, in pixels from the upper edge.
    public float row(float y) {
        return (top - y) * (pixels / side);
    }

    /// The x of a column of the picture.
    public float x(float column) {
        return left + column * (side / pixels);
    }

    /// The y of a row of the picture.
    public float y(float row) {
        return top - row * (side / pixels);
    }

    Camera shifted(float dx, float dy) {
        return new Camera(left + dx, top + dy, side, pixels);
    }
}
