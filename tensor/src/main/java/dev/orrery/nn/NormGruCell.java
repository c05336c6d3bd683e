package dev.orrery.nn;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.List;

/// One step of the gated recurrent unit of DreamerV3 (2023): one matrix over input and state, layer
/// norm over all gates, and an update gate that starts nearly closed.
///
/// `[r, c, u] = norm(W [x, h])`, `c = tanh(σ(r) c)`, `u = σ(u - 1)`, `h' = u c + (1 - u) h`.
///
/// Names: `GRU_linear.weight (3H, I + H)`, `GRU_norm.{weight,bias} (3H)`. Source: arXiv:2301.04104,
/// first version.
public final class NormGruCell extends Module {

    private final Linear linear;
    private final LayerNorm norm;

    public NormGruCell(long inputs, long width, Seed seed) {
        linear =
                child(
                        "GRU_linear",
                        Linear.withoutBias(inputs + width, 3 * width, seed.split("GRU_linear")));
        norm = child("GRU_norm", new LayerNorm(3 * width, 1e-3));
    }

    /// @param x input `(B, I)`
    /// @param state `(B, H)`
    public Tensor forward(Tensor x, Tensor state) {
        var gates = norm.forward(linear.forward(Tensor.cat(List.of(x, state), -1))).chunk(3, -1);
        var candidate = gates.get(0).sigmoid().mul(gates.get(1)).tanh();
        return state.lerp(candidate, gates.get(2).sub(1.0).sigmoid());
    }
}
