package dev.orrery.studio;

import java.time.Duration;

/// Which world models are played, and by how many at once.
///
/// @param source the models
/// @param sessions most dreams that are open at once
/// @param idle how long a dream stays open in which nobody presses anything
public record Dreaming(DreamSource source, int sessions, Duration idle) {

    /// What holds if nobody asks for something else: four dreams, five minutes.
    public static final int SESSIONS = 4;

    public static final Duration IDLE = Duration.ofMinutes(5);

    public Dreaming {
        if (sessions < 1 || idle.isNegative() || idle.isZero()) {
            throw new IllegalArgumentException(
                    "%d dreams that end after %s; allow at least one, for some time"
                            .formatted(sessions, idle));
        }
    }

    /// The models of a source within the usual limits.
    public static Dreaming of(DreamSource source) {
        return new Dreaming(source, SESSIONS, IDLE);
    }
}
