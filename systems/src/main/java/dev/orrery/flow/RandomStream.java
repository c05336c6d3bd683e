package dev.orrery.flow;

import dev.orrery.tensor.Seed;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// Numbers one after another from a seed, for draws that reject and so need an unknown count.
final class RandomStream {

    private RandomStream() {}

    static RandomGenerator of(Seed seed) {
        return new SplittableRandom(seed.key());
    }
}
