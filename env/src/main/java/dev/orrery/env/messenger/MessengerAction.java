package dev.orrery.env.messenger;

/// What the avatar can do.
public enum MessengerAction {
    UP(0, -1),
    DOWN(0, 1),
    LEFT(-1, 0),
    RIGHT(1, 0),
    STAY(0, 0);
    final int dx, dy;

    MessengerAction(int dx, int dy) {
        this.dx = dx;
        this.dy = dy;
    }
}
