package dev.orrery.flow.dit;

import static dev.orrery.tensor.Axis.axis;

import dev.orrery.nn.Init;
import dev.orrery.nn.Layer;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;

/// Cuts images into square patches and maps each to a token: `(B, C, H, W) -> (B, L, D)`, row by
/// row. A convolution whose stride is its window, worked out as one matrix product.
///
/// Names: `weight (D, C, patch, patch)` and `bias (D)`.
public final class PatchEmbedding extends Module implements Layer {

    private final Tensor weight, bias;
    private final int patch;

    public PatchEmbedding(int channels, int patch, int width, Seed seed) {
        this.patch = patch;
        double bound = 1 / Math.sqrt((double) channels * patch * patch);
        weight = parameter("weight", Init.fanIn(), seed, width, channels, patch, patch);
        bias = parameter("bias", Init.uniform(bound), seed, width);
    }

    @Override
    public Tensor forward(Tensor x) {
        var flat =
                x.rearrange(
                        "b c (h p) (w q) -> b (h w) (c p q)", axis("p", patch), axis("q", patch));
        return Functional.linear(flat, weight.flatten(1, -1), bias);
    }
}
