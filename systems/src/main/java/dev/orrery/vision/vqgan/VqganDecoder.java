package dev.orrery.vision.vqgan;

import dev.orrery.nn.GroupNorm;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Latents to pictures: the encoder's levels from the lowest up, each but the last doubling the
/// side.
final class VqganDecoder extends Module {

    private final PointConv first, last;
    private final VqganBlocks.Middle middle;
    private final List<VqganBlocks.Level> levels = new ArrayList<>();
    private final List<PointConv> doubles = new ArrayList<>();
    private final GroupNorm norm;

    VqganDecoder(VqganConfig config, Seed seed) {
        int depth = config.levels().size();
        int channels = config.channels() * config.levels().getLast();
        first = child("conv_in", new PointConv(config.latents(), channels, 3, seed.split("in")));
        middle = child("mid", new VqganBlocks.Middle(channels, seed.split("mid")));
        for (int i = 0; i < depth; i++) {
            int to = config.channels() * config.levels().get(depth - 1 - i);
            var own = seed.split("level").split(i);
            levels.add(
                    child(
                            "up." + i,
                            new VqganBlocks.Level(
                                    channels,
                                    to,
                                    config.blocks() + 1,
                                    config.attention().contains(depth - 1 - i),
                                    own)));
            channels = to;
            if (i < depth - 1) {
                doubles.add(
                        child(
                                "up." + i + ".upsample.conv",
                                new PointConv(to, to, 3, own.split("double"))));
            }
        }
        norm = child("norm_out", VqganBlocks.norm(channels));
        last = child("conv_out", new PointConv(channels, 3, 3, seed.split("out")));
    }

    Tensor forward(Tensor latents) {
        var x = middle.forward(first.forward(latents));
        for (int i = 0; i < levels.size(); i++) {
            x = levels.get(i).forward(x);
            if (i < doubles.size()) {
                var twice = Functional.interpolateNearest(x, 2L * x.size(2), 2L * x.size(3));
                x = doubles.get(i).forward(twice);
            }
        }
        return last.forward(Functional.silu(norm.forward(x)));
    }
}
