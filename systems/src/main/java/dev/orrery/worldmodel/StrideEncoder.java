package dev.orrery.worldmodel;

import dev.orrery.nn.ChannelNorm;
import dev.orrery.nn.Conv2d;
import dev.orrery.nn.Layer;
import dev.orrery.nn.Module;
import dev.orrery.nn.Window;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Images to embeddings in the 2023 form: convolutions of width 4 and stride 2 down to few pixels,
/// channels doubling, each with layer norm over channels and SiLU.
///
/// Input `(N, 3, P, P)` from -0.5 to 0.5; output `(N, C 4 4)`, channels first; other channels and
/// ends by [Strides]. Names: `N.conv`, `N.norm`.
public final class StrideEncoder extends Module implements ImageEncoder {

    private final List<Conv2d> convolutions = new ArrayList<>();
    private final List<ChannelNorm> norms = new ArrayList<>();
    private final long outputs;

    public StrideEncoder(Strides sizes, Seed seed) {
        long inputs = sizes.channels(), channels = sizes.depth();
        for (int i = 0; i < sizes.stages(); i++) {
            var window = Window.of(4).withStride(2).withPadding(1);
            convolutions.add(
                    child(i + ".conv", new Conv2d(inputs, channels, window, false, seed.split(i))));
            norms.add(child(i + ".norm", new ChannelNorm(channels, 1e-3)));
            inputs = channels;
            channels *= 2;
        }
        outputs = sizes.cells();
    }

    @Override
    public long outputs() {
        return outputs;
    }

    @Override
    public Tensor forward(Tensor x) {
        for (int i = 0; i < norms.size(); i++)
            x = Functional.silu(norms.get(i).forward(convolutions.get(i).forward(x)));
        return x.flatten(1, -1);
    }

    /// A norm over the channels of `(N, C, H, W)`.
    static Tensor channels(Layer norm, Tensor x) {
        return norm.forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2);
    }
}
