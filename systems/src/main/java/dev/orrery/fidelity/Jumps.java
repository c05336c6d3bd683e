package dev.orrery.fidelity;

import java.util.List;
import java.util.Optional;

/// Jumps of the platformer's player, seen from where it is in each frame.
///
/// A jump begins where the player rises by at least [#RISE] pixels from one frame to the next and
/// did not in the frame before. The world's jumps rise by 10, 8, 6, 4 and 2; in the first
/// transition of a clip, where the frame before is unknown, at least [#FIRST] is asked for.
public final class Jumps {

    /// Pixels of the platformer's 64.
    public static final double RISE = 5;

    /// Pixels in a clip's first transition.
    public static final double FIRST = 9;

    private Jumps() {}

    /// Whether a jump begins at each transition of a clip: `(T - 1)`.
    ///
    /// @param sightings one a frame; no jump is seen at a frame without
    public static boolean[] in(List<Optional<PlayerFinder.Sighting>> sightings) {
        var jumps = new boolean[Math.max(0, sightings.size() - 1)];
        boolean rising = false;
        for (int t = 0; t < jumps.length; t++) {
            var from = sightings.get(t);
            var to = sightings.get(t + 1);
            boolean rises =
                    from.isPresent()
                            && to.isPresent()
                            && from.get().y() - to.get().y() >= (t == 0 ? FIRST : RISE);
            jumps[t] = rises && !rising;
            rising = rises;
        }
        return jumps;
    }

    /// Whether a jump begins at each transition, found with [PlayerFinder].
    public static boolean[] in(Clip clip) {
        return in(
                java.util.stream.IntStream.range(0, clip.frames())
                        .mapToObj(t -> PlayerFinder.find(clip, t))
                        .toList());
    }
}
