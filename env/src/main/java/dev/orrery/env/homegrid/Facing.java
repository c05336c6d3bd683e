package dev.orrery.env.homegrid;

/// Where the agent looks; y points downwards.
public enum Facing {
    RIGHT(1, 0),
    DOWN(0, 1),
    LEFT(-1, 0),
    UP(0, -1);

    private static final Facing[] ALL = values();

    /// One cell in this direction.
    final int dx, dy;

    Facing(int dx, int dy) {
        this.dx = dx;
        this.dy = dy;
    }

    /// The difference of cell numbers between a cell and the one ahead.
    int stride() {
        return dy * House.WIDTH + dx;
    }

    static Facing of(int number) {
        return ALL[number];
    }
}
