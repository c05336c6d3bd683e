package dev.orrery.vision;

import dev.orrery.nn.Init;
import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Axis;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// The SigLIP vision tower: patches, learned positions, pre-norm blocks, a last norm. No class
/// token and no pooling head.
///
/// Child names follow the public checkpoints below `vision_tower.vision_model`.
///
/// Source: SigLIP, arXiv 2303.15343. Deviations, off in the paper's sizes: a stem of strided
/// convolutions with group norms before the patches, and cameras of different sizes with a position
/// table each.
public final class Siglip extends Module {

    private final SiglipConfig config;
    private final List<StemLayer> stem;
    private final Tensor patches, patchBias, positions;
    private final List<SiglipBlock> blocks = new ArrayList<>();
    private final LayerNorm last;

    public Siglip(SiglipConfig config, Seed seed) {
        this.config = config;
        stem =
                StemLayer.of(
                        "embeddings.stem.",
                        config.stem(),
                        (name, start, shape) -> parameter(name, start, seed, shape));
        int channels = config.stem().isEmpty() ? 3 : config.stem().getLast();
        int kernel = kernel();
        var patch = "embeddings.patch_embedding.";
        patches =
                parameter(
                        patch + "weight",
                        Init.fanIn(),
                        seed,
                        config.width(),
                        channels,
                        kernel,
                        kernel);
        patchBias = parameter(patch + "bias", Init.ZEROS, seed, config.width());
        positions =
                parameter(
                        "embeddings.position_embedding.weight",
                        (_, _) ->
                                GridPositions.of(
                                        config.width(),
                                        config.imageSizes().stream()
                                                .map(size -> size / config.patch())
                                                .toList()),
                        seed,
                        config.positions(),
                        config.width());
        for (int i = 0; i < config.layers(); i++) {
            blocks.add(
                    child(
                            "encoder.layers." + i,
                            new SiglipBlock(config, seed.split("layer").split(i))));
        }
        last = child("post_layernorm", new LayerNorm(config.width(), SiglipConfig.EPSILON));
    }

    /// The embeddings of one camera's pictures.
    ///
    /// @param images float32 `(B, 3, H, W)` in [-1, 1]
    /// @param camera the camera's index, which chooses its positions
    /// @return `(B, S, D)`, S = (H / patch) · (W / patch), rows first
    /// @throws IllegalArgumentException if the pictures are not of the camera's size
    public Tensor forward(Tensor images, int camera) {
        int size = config.imageSize(camera);
        if (images.rank() != 4
                || images.size(1) != 3
                || images.size(2) != size
                || images.size(3) != size) {
            throw new IllegalArgumentException(
                    "siglip: camera %d gives pictures of shape %s, the model takes (B, 3, %d, %d); resize them first"
                            .formatted(
                                    camera, java.util.Arrays.toString(images.shape()), size, size));
        }
        var x = images;
        for (var layer : stem) {
            x = layer.forward(x);
        }
        long tokens = config.tokens(camera);
        var table = positions.narrow(0, config.firstPosition(camera), tokens);
        var hidden = patchify(x).add(table);
        for (var block : blocks) {
            hidden = block.forward(hidden);
        }
        return last.forward(hidden);
    }

    /// The patch convolution as one matrix product: its stride is its kernel. What fills no patch
    /// at the right and the bottom is left out.
    private Tensor patchify(Tensor x) {
        int kernel = kernel();
        long side = x.size(2) / kernel * kernel;
        var whole = side == x.size(2) ? x : x.narrow(2, 0, side).narrow(3, 0, side);
        var flat =
                whole.rearrange(
                        "b c (h p) (w q) -> b (h w) (c p q)",
                        Axis.axis("p", kernel),
                        Axis.axis("q", kernel));
        return Functional.linear(flat, patches.reshape(config.width(), -1), patchBias);
    }

    private int kernel() {
        return config.patch() >> config.stem().size();
    }
}
