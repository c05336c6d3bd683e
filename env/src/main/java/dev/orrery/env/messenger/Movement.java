package dev.orrery.env.messenger;

import java.util.Optional;

/// How a character moves.
public enum Movement {
    CHASER,
    FLEEING,
    IMMOVABLE;

    static Optional<Movement> named(String name) {
        return java.util.Arrays.stream(values())
                .filter(m -> m.name().equalsIgnoreCase(name))
                .findFirst();
    }
}
