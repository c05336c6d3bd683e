package dev.orrery.nn;

import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// One step of a gated recurrent unit: input `(B, I)`, state `(B, H)` to the next state.
///
/// Names and gate order (reset, update, new) are PyTorch's: `weight_ih (3H, I)`, `weight_hh (3H,
/// H)`, `bias_ih`, `bias_hh (3H)`. Source: arXiv:1406.1078.
public final class GruCell extends Module {

    private final Tensor inputWeight;
    private final Tensor stateWeight;
    private final Tensor inputBias;
    private final Tensor stateBias;

    public GruCell(long inputs, long width, Seed seed) {
        var init = Init.uniform(1 / Math.sqrt(width));
        inputWeight = parameter("weight_ih", init, seed, 3 * width, inputs);
        stateWeight = parameter("weight_hh", init, seed, 3 * width, width);
        inputBias = parameter("bias_ih", init, seed, 3 * width);
        stateBias = parameter("bias_hh", init, seed, 3 * width);
    }

    public Tensor forward(Tensor x, Tensor state) {
        return Functional.gruCell(x, state, inputWeight, stateWeight, inputBias, stateBias);
    }
}
