package dev.orrery.nn;

import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// Attention of a sequence `(B, L, D)` to a source `(B, S, D)` of the same width, the projections
/// of queries, keys and values kept in one matrix.
///
/// Names: `in_proj_weight (3D, D)`, `in_proj_bias (3D)`, `out_proj`, as in PyTorch's
/// `nn.MultiheadAttention`.
public final class PackedAttention extends Module {

    private final long width;
    private final int heads;
    private final Tensor inputs, inputBias;
    private final Linear out;

    /// @param width channels D, a multiple of `heads`
    /// @param weights first values of the packed matrix; its bias starts at zero
    public PackedAttention(int width, int heads, Init weights, Seed seed) {
        if (heads < 1 || width % heads != 0) {
            throw new IllegalArgumentException(
                    "width %d does not split over %d heads; use a multiple"
                            .formatted(width, heads));
        }
        this.width = width;
        this.heads = heads;
        inputs = parameter("in_proj_weight", weights, seed, 3L * width, width);
        inputBias = parameter("in_proj_bias", Init.ZEROS, seed, 3L * width);
        out = child("out_proj", new Linear(width, width, seed.split("out")));
    }

    /// @param queries `(B, L, D)`
    /// @param source `(B, S, D)`
    /// @param visibility which source positions each query sees
    public Tensor forward(Tensor queries, Tensor source, Visibility visibility) {
        var mixed =
                Attention.attend(
                        project(queries, 0), project(source, 1), project(source, 2), visibility);
        return out.forward(Attention.joinHeads(mixed));
    }

    /// As above, with attention probabilities dropped, as PyTorch drops them in training.
    ///
    /// @param mask additive, broadcastable to `(B, N, L, S)`; without elements if there is none
    public Tensor forward(Tensor queries, Tensor source, Tensor mask, Dropout dropout) {
        var query = project(queries, 0);
        var scores =
                query.matmul(project(source, 1).transpose(-2, -1))
                        .mul(1 / Math.sqrt((double) width / heads));
        var seen = mask.numel() == 0 ? scores : scores.add(mask);
        var kept = dropout.apply(Functional.softmax(seen, -1));
        return out.forward(Attention.joinHeads(kept.matmul(project(source, 2))));
    }

    private Tensor project(Tensor x, int part) {
        var weight = inputs.narrow(0, part * width, width);
        var bias = inputBias.narrow(0, part * width, width);
        return Attention.splitHeads(Precision.linear(x, weight, bias), heads);
    }
}
