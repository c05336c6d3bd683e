package dev.orrery.vlm;

import dev.orrery.nn.Init;
import dev.orrery.nn.Linear;
import dev.orrery.tensor.Seed;

/// The linear layers between a vision tower and a language model.
///
/// They start by passing patches on about as large and as different as they come: what is much
/// smaller than words is drowned by what the first attention layer adds to it.
final class Projector {

    private static final double GELU = Math.sqrt(2);

    private Projector() {}

    /// A layer before a GELU.
    static Linear before(long from, long to, Seed seed) {
        return layer(from, to, GELU, seed);
    }

    /// The last layer.
    static Linear last(long from, long to, Seed seed) {
        return layer(from, to, 1, seed);
    }

    private static Linear layer(long from, long to, double gain, Seed seed) {
        return Linear.of(from, to, true, Init.kaimingNormal(gain), seed);
    }
}
