package dev.orrery.vision.vqgan;

import dev.orrery.nn.GroupNorm;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Pictures to latents: levels of residual blocks, each but the last halving the side.
final class VqganEncoder extends Module {

    private final PointConv first, last;
    private final List<VqganBlocks.Level> levels = new ArrayList<>();
    private final List<PointConv> halves = new ArrayList<>();
    private final VqganBlocks.Middle middle;
    private final GroupNorm norm;

    VqganEncoder(VqganConfig config, Seed seed) {
        int base = config.channels(), depth = config.levels().size(), channels = base;
        first = child("conv_in", new PointConv(3, base, 3, seed.split("in")));
        for (int i = 0; i < depth; i++) {
            int to = base * config.levels().get(i);
            boolean lowest = i == depth - 1;
            var own = seed.split("level").split(i);
            levels.add(
                    child(
                            "down." + i,
                            new VqganBlocks.Level(
                                    channels,
                                    to,
                                    config.blocks(),
                                    config.attention().contains(i),
                                    own)));
            channels = to;
            if (!lowest) {
                halves.add(
                        child(
                                "down." + i + ".downsample.conv",
                                new PointConv(to, to, 3, own.split("half"))));
            }
        }
        middle = child("mid", new VqganBlocks.Middle(channels, seed.split("mid")));
        norm = child("norm_out", VqganBlocks.norm(channels));
        last = child("conv_out", new PointConv(channels, config.latents(), 3, seed.split("out")));
    }

    Tensor forward(Tensor images) {
        var x = first.forward(images);
        for (int i = 0; i < levels.size(); i++) {
            x = levels.get(i).forward(x);
            if (i < halves.size()) x = halves.get(i).halve(x);
        }
        return last.forward(Functional.silu(norm.forward(middle.forward(x))));
    }
}
