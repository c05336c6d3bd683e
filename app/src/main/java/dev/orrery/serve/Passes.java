package dev.orrery.serve;

import java.time.Duration;

/// Which questions share a pass through the network.
///
/// @param window how long the first question of a pass waits for others
/// @param most questions of one pass
public record Passes(Duration window, int most) {

    /// Three milliseconds, eight robots.
    public static final Passes USUAL = new Passes(Duration.ofMillis(3), 8);

    public Passes {
        if (window.isNegative() || window.compareTo(Duration.ofSeconds(1)) > 0 || most < 1) {
            throw new IllegalArgumentException(
                    "passes of %d robots that wait %d ms for each other; use at least 1 robot and 0 to 1000 ms"
                            .formatted(most, window.toMillis()));
        }
    }
}
