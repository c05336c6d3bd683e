package dev.orrery.system.openvla;

import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// OFT's regression: the A hidden states of a step, joined, to its A values, by four linear layers.
///
/// Source: arXiv:2502.19645; names as in its repository.
final class ParallelHead extends Module {

    private static final double EPSILON = 1e-5;
    private static final int BLOCKS = 2;

    private final LayerNorm first, last;
    private final Linear fc1, fc2;
    private final LayerNorm[] norms = new LayerNorm[BLOCKS];
    private final Linear[] layers = new Linear[BLOCKS];
    private final int dims;

    /// @param width channels D of a hidden state, and of what is between the layers
    /// @param dims values A of an action
    ParallelHead(int width, int dims, Seed seed) {
        this.dims = dims;
        first = child("layer_norm1", new LayerNorm((long) width * dims, EPSILON));
        fc1 = child("fc1", new Linear((long) width * dims, width, seed.split("fc1")));
        for (int i = 0; i < BLOCKS; i++) {
            var name = "mlp_resnet_blocks." + i + ".ffn.";
            norms[i] = child(name + "0", new LayerNorm(width, EPSILON));
            layers[i] = child(name + "1", new Linear(width, width, seed.split(name)));
        }
        last = child("layer_norm2", new LayerNorm(width, EPSILON));
        fc2 = child("fc2", new Linear(width, dims, seed.split("fc2")));
    }

    /// @param hidden of the slots `(B, K · A, D)`
    /// @return `(B, K, A)`
    Tensor forward(Tensor hidden) {
        var steps = hidden.unflatten(1, hidden.size(1) / dims, dims).flatten(2, 3);
        var x = Functional.relu(fc1.forward(first.forward(steps)));
        for (int i = 0; i < BLOCKS; i++) {
            x = x.add(Functional.relu(layers[i].forward(norms[i].forward(x))));
        }
        return fc2.forward(last.forward(x));
    }
}
