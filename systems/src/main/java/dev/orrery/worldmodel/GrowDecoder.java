package dev.orrery.worldmodel;

import dev.orrery.nn.Conv2d;
import dev.orrery.nn.Init;
import dev.orrery.nn.Layer;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.Window;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// States to images in the 2024 form: 4 × 4 pixels from the deterministic state block by block and
/// from the latents through two layers, summed; then doubling by repetition and convolutions of
/// width 5; sigmoid at the end.
///
/// Input `(N, D + G K)`; output `(N, 3, P, P)` from 0 to 1. Names: `sp0.{weight,bias}`, `sp1`,
/// `sp2`, `sp_norm`, `N.conv`, `N.norm`, `out`.
public final class GrowDecoder extends Module implements Layer {

    private final int blocks;
    private final long deter, cells, deepest;
    private final Tensor spread, spreadBias;
    private final Dense latents;
    private final Linear ofLatents;
    private final Form.Norm norm;
    private final List<Conv2d> convolutions = new ArrayList<>();
    private final List<Form.Norm> norms = new ArrayList<>();
    private final Conv2d out;

    /// @param rssm whose states are decoded
    /// @param pixels image height and width
    /// @param depth channels are multiples of it
    /// @param units the latents' layer is twice as wide
    public GrowDecoder(Rssm.Config rssm, int pixels, int depth, int units, Seed seed) {
        blocks = rssm.blocks();
        deter = rssm.deter();
        var channels = PoolEncoder.channels(pixels, depth);
        deepest = channels[channels.length - 1];
        if (deepest % blocks != 0)
            throw new IllegalArgumentException(
                    "%d channels do not split over %d blocks; use a depth that is a multiple of %d"
                            .formatted(deepest, blocks, Math.max(1, blocks / 4)));
        cells = (long) Strides.LEAST * Strides.LEAST;
        long all = cells * deepest, slice = deter / blocks;
        spread =
                parameter(
                        "sp0.weight",
                        Form.V2024.init(deter, all / blocks, 1),
                        seed.split("sp0"),
                        blocks,
                        slice,
                        all / blocks);
        spreadBias = parameter("sp0.bias", Init.ZEROS, seed, blocks, 1, all / blocks);
        latents =
                child("sp1", new Dense(Form.V2024, rssm.latents(), 2L * units, seed.split("sp1")));
        ofLatents =
                child(
                        "sp2",
                        Linear.of(
                                2L * units,
                                all,
                                true,
                                Form.V2024.init(2L * units, all, 1),
                                seed.split("sp2")));
        norm = child("sp_norm", Form.V2024.norm(deepest));
        long inputs = deepest;
        for (int i = channels.length - 2; i >= 0; i--) {
            var name = Integer.toString(i);
            convolutions.add(
                    child(
                            name + ".conv",
                            new Conv2d(inputs, channels[i], Window.same(5), seed.split(name))));
            norms.add(child(name + ".norm", Form.V2024.norm(channels[i])));
            inputs = channels[i];
        }
        out = child("out", new Conv2d(inputs, 3, Window.same(5), seed.split("out")));
    }

    @Override
    public Tensor forward(Tensor features) {
        long side = Strides.LEAST;
        var state = features.narrow(-1, 0, deter).reshape(-1, blocks, deter / blocks);
        var fromState =
                spreadBias
                        .baddbmm(state.transpose(0, 1), spread)
                        .view(blocks, -1, cells, deepest / blocks)
                        .permute(1, 2, 0, 3)
                        .reshape(-1, cells, deepest);
        var rest = features.narrow(-1, deter, features.size(-1) - deter);
        var fromLatents = ofLatents.forward(latents.forward(rest)).view(-1, cells, deepest);
        var start = Functional.silu(norm.forward(fromState.add(fromLatents)));
        var x = start.view(-1, side, side, deepest).permute(0, 3, 1, 2);
        for (int i = 0; i < norms.size(); i++)
            x =
                    Functional.silu(
                            StrideEncoder.channels(
                                    norms.get(i), convolutions.get(i).forward(doubled(x))));
        return out.forward(doubled(x)).sigmoid();
    }

    private static Tensor doubled(Tensor x) {
        return Functional.interpolateNearest(x, 2 * x.size(-2), 2 * x.size(-1));
    }
}
