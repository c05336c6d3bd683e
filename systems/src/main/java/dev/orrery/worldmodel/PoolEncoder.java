package dev.orrery.worldmodel;

import dev.orrery.nn.Conv2d;
import dev.orrery.nn.Module;
import dev.orrery.nn.Window;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Images to embeddings in the 2024 form: convolutions of width 5, the largest of each 2 × 2
/// pixels, RMS norm over channels and SiLU, down to 4 × 4 pixels; channels 2, 3, 4, 4 times the
/// depth.
///
/// Input `(N, 3, P, P)` from -0.5 to 0.5; output `(N, C 4 4)`. Names: `N.conv`, `N.norm`.
public final class PoolEncoder extends Module implements ImageEncoder {

    private final List<Conv2d> convolutions = new ArrayList<>();
    private final List<Form.Norm> norms = new ArrayList<>();
    private final long outputs;

    /// @param pixels image height and width, 4 times a power of two
    /// @param depth channels are multiples of it
    public PoolEncoder(int pixels, int depth, Seed seed) {
        var channels = channels(pixels, depth);
        long inputs = 3;
        for (int i = 0; i < channels.length; i++) {
            convolutions.add(
                    child(
                            i + ".conv",
                            new Conv2d(inputs, channels[i], Window.same(5), seed.split(i))));
            norms.add(child(i + ".norm", Form.V2024.norm(channels[i])));
            inputs = channels[i];
        }
        outputs = inputs * Strides.LEAST * Strides.LEAST;
    }

    static long[] channels(int pixels, int depth) {
        var channels = new long[Strides.of(pixels, depth).stages()];
        for (int i = 0; i < channels.length; i++) channels[i] = depth * Math.min(i + 2L, 4);
        return channels;
    }

    @Override
    public long outputs() {
        return outputs;
    }

    @Override
    public Tensor forward(Tensor x) {
        for (int i = 0; i < norms.size(); i++) {
            var pooled = Functional.maxPool2d(convolutions.get(i).forward(x), 2, 2);
            x = Functional.silu(StrideEncoder.channels(norms.get(i), pooled));
        }
        return x.flatten(1, -1);
    }
}
