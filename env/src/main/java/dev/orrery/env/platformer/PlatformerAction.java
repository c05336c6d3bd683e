package dev.orrery.env.platformer;

/// What the player can do in a frame.
public enum PlatformerAction {
    IDLE(0, false),
    LEFT(-1, false),
    RIGHT(1, false),
    JUMP(0, true),
    JUMP_LEFT(-1, true),
    JUMP_RIGHT(1, true);

    /// -1, 0 or 1.
    final int direction;

    final boolean jumps;

    PlatformerAction(int direction, boolean jumps) {
        this.direction = direction;
        this.jumps = jumps;
    }
}
