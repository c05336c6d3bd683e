package dev.orrery.quantize;

/// What happens to codes that nothing chooses.
///
/// @param patience optimiser steps in a row without use after which a code is set anew; 0 for never
/// @param source what it becomes
public record Revival(int patience, Source source) {

    /// Where a revived code comes from.
    public enum Source {
        /// A random vector of the current batch.
        LATENTS,
        /// A random code that was used in this step, moved by about a hundredth of its length: with
        /// an exact copy one of the two would never be chosen.
        LIVE_CODES
    }

    public Revival {
        if (patience < 0)
            throw new IllegalArgumentException(
                    "patience %d is below 0; use 0 to leave unused codes alone"
                            .formatted(patience));
    }

    /// Unused codes stay as they are.
    public static Revival never() {
        return new Revival(0, Source.LATENTS);
    }

    /// Codes that were not used for so many steps become random vectors of the batch.
    public static Revival fromLatents(int patience) {
        return new Revival(patience, Source.LATENTS);
    }

    /// Codes that were not used for so many steps become neighbours of random used ones.
    public static Revival fromLiveCodes(int patience) {
        return new Revival(patience, Source.LIVE_CODES);
    }
}
