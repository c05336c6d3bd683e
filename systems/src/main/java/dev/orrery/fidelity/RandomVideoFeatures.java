package dev.orrery.fidelity;

import dev.orrery.tensor.Seed;
import java.util.List;

/// Features of a 3-D convolutional network that was never trained: nothing about them can be chosen
/// after the fact, and they need no download. 256 numbers a clip.
///
/// The weights come from one seed in exactly specified arithmetic, so that [#hash] is the same on
/// every machine.
public final class RandomVideoFeatures implements VideoFeatures, AutoCloseable {

    private static final Seed SEED = Seed.of(20_240_223);

    private final VideoNet net = new VideoNet(SEED);
    private final String hash;

    public RandomVideoFeatures() {
        net.freeze();
        hash = net.hash();
    }

    @Override
    public String name() {
        return "rf-fvd";
    }

    @Override
    public String hash() {
        return hash;
    }

    @Override
    public float[][] of(List<Clip> clips) {
        return net.features(clips);
    }

    @Override
    public void close() {
        net.close();
    }
}
