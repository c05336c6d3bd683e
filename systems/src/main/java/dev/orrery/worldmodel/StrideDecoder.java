package dev.orrery.worldmodel;

import dev.orrery.nn.ChannelNorm;
import dev.orrery.nn.Init;
import dev.orrery.nn.Layer;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// States to images in the 2023 form: a linear layer to few pixels, then transposed convolutions
/// that mirror [StrideEncoder]; the last one has a bias and no norm.
///
/// Input `(N, F)`; output `(N, 3, P, P)` around 0.5, unbounded; other channels by [Strides]. Names:
/// `linear`, `N.weight`, `N.norm`, `out.bias`.
public final class StrideDecoder extends Module implements Layer {

    private final Linear linear;
    private final List<Tensor> weights = new ArrayList<>();
    private final List<ChannelNorm> norms = new ArrayList<>();
    private final Tensor bias;
    private final long side;

    public StrideDecoder(long features, Strides sizes, Seed seed) {
        int stages = sizes.stages();
        side = sizes.least();
        linear = child("linear", new Linear(features, sizes.cells(), seed.split("linear")));
        long inputs = sizes.cells() / (side * side);
        for (int i = 0; i < stages; i++) {
            boolean last = i == stages - 1;
            long outputs = last ? sizes.channels() : inputs / 2;
            weights.add(parameter(i + ".weight", Init.fanIn(), seed, inputs, outputs, 4, 4));
            if (!last) norms.add(child(i + ".norm", new ChannelNorm(outputs, 1e-3)));
            inputs = outputs;
        }
        bias = parameter("out.bias", Init.ZEROS, seed, sizes.channels());
    }

    @Override
    public Tensor forward(Tensor features) {
        // one plane a channel, which convolutions keep and norms of few channels like
        var x =
                linear.forward(features)
                        .unflatten(-1, side, side, -1)
                        .permute(0, 3, 1, 2)
                        .contiguous();
        for (int i = 0; i < norms.size(); i++)
            x = Functional.silu(norms.get(i).forward(up(x, i, null)));
        return up(x, norms.size(), bias).add(0.5);
    }

    private Tensor up(Tensor x, int stage, @org.jspecify.annotations.Nullable Tensor bias) {
        return Functional.convTranspose2d(x, weights.get(stage), bias, 2, 1, 0, 1);
    }
}
