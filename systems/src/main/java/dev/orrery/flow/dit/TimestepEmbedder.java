package dev.orrery.flow.dit;

import dev.orrery.nn.DitTimestep;
import dev.orrery.nn.Init;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// A time as a vector: sines and cosines through two linear layers, `(B) -> (B, D)`.
///
/// Names: `mlp.0`, `mlp.2`, as in DiT. Source: arXiv:2212.09748.
public final class TimestepEmbedder extends Module {

    private final DitTimestep frequencies;
    private final Linear in, out;

    /// @param frequencies what times are told as
    /// @param width channels D
    /// @param weights first values of both layers; biases start at zero
    public TimestepEmbedder(DitTimestep frequencies, int width, Init weights, Seed seed) {
        this.frequencies = frequencies;
        in = child("mlp.0", Linear.of(frequencies.dims(), width, true, weights, seed.split("0")));
        out = child("mlp.2", Linear.of(width, width, true, weights, seed.split("2")));
    }

    /// @param time `(B)`
    public Tensor forward(Tensor time) {
        var told = frequencies.at(time).to(in.storedWeight().dtype());
        return out.forward(Functional.silu(in.forward(told)));
    }
}
