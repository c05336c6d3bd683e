package dev.orrery.env.tabletop;

/// The four directions on the table, as the overhead camera shows them.
public enum Direction {
    LEFT(-1, 0),
    RIGHT(1, 0),
    UP(0, 1),
    DOWN(0, -1);
    final int dx, dy;

    Direction(int dx, int dy) {
        this.dx = dx;
        this.dy = dy;
    }

    /// The word for it, lower case.
    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /// The words for a place on that side of something, as in `left of` and `above`.
    public String side() {
        return switch (this) {
            case LEFT -> "left of";
            case RIGHT -> "right of";
            case UP -> "above";
            case DOWN -> "below";
        };
    }

    /// The angle it points to, in radians, anticlockwise from [#RIGHT].
    public float angle() {
        return switch (this) {
            case RIGHT -> 0;
            case UP -> (float) (Math.PI / 2);
            case LEFT -> (float) Math.PI;
            case DOWN -> (float) (-Math.PI / 2);
        };
    }
}
