package dev.orrery.env.langroom;

/// Where to go; y points downwards.
public enum RoomMove {
    STAY(0, 0),
    DOWN(0, 1),
    UP(0, -1),
    RIGHT(1, 0),
    LEFT(-1, 0);
    final int dx, dy;

    RoomMove(int dx, int dy) {
        this.dx = dx;
        this.dy = dy;
    }
}
