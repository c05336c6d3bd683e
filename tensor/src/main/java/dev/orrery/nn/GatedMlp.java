package dev.orrery.nn;

import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// `down(act(gate x) · up x)`, without biases: `(..., D) -> (..., D)`.
///
/// Names: `gate_proj`, `up_proj`, `down_proj`. Source: arXiv:2002.05202.
public final class GatedMlp extends Module implements Layer {

    private final Linear gate;
    private final Linear up;
    private final Linear down;
    private final Activation activation;

    public GatedMlp(long width, long hidden, Activation activation, Seed seed) {
        gate = child("gate_proj", Linear.withoutBias(width, hidden, seed.split("gate_proj")));
        up = child("up_proj", Linear.withoutBias(width, hidden, seed.split("up_proj")));
        down = child("down_proj", Linear.withoutBias(hidden, width, seed.split("down_proj")));
        this.activation = activation;
    }

    /// GeGLU with the tanh formula, as in Gemma.
    public static GatedMlp geGlu(long width, long hidden, Seed seed) {
        return new GatedMlp(width, hidden, Activation.GELU_TANH, seed);
    }

    /// SwiGLU, as in Llama and Qwen.
    public static GatedMlp swiGlu(long width, long hidden, Seed seed) {
        return new GatedMlp(width, hidden, Activation.SILU, seed);
    }

    @Override
    public Tensor forward(Tensor x) {
        return down.forward(activation.forward(gate.forward(x)).mul(up.forward(x)));
    }
}
