package dev.orrery.vision.vit;

import dev.orrery.nn.Init;
import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Module;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// DINOv2 without registers, under the names of its own code (torch hub): `(B, 3, H, W)` to patch
/// tokens `(B, S, D)`, normalised.
///
/// Names: `cls_token`, `pos_embed` (class token first), `patch_embed.proj`, `blocks.{i}` with
/// `ls1.gamma` and `ls2.gamma`, `norm`. The mask token, which only training uses, is left out.
/// Pictures of another size than the trained one get positions resized bicubically by the scale
/// `(patches + 0.1) / trained patches`, as that code does; [Dinov2], under the names of Hugging
/// Face, resizes to the number of patches itself. Source: arXiv:2304.07193.
public final class HubDino extends Module {

    private static final double OFFSET = 0.1;

    private final Config config;
    private final Tensor classToken, positions;
    private final Patches patches;
    private final List<TimmBlock> blocks = new ArrayList<>();
    private final LayerNorm last;

    /// @param layers the transformer
    /// @param image pixels of the trained picture's side
    /// @param patch pixels of a patch's side
    public record Config(VitConfig layers, int image, int patch) {

        int side() {
            return image / patch;
        }
    }

    public HubDino(Config config, Seed seed) {
        this.config = config;
        int width = config.layers().width(), side = config.side();
        classToken = parameter("cls_token", Init.normal(0.02), seed, 1, 1, width);
        positions = parameter("pos_embed", Init.normal(0.02), seed, 1, 1L + side * side, width);
        patches =
                child(
                        "patch_embed.proj",
                        new Patches(3, width, config.patch(), true, seed.split("patches")));
        for (int i = 0; i < config.layers().depth(); i++) {
            blocks.add(
                    child(
                            "blocks." + i,
                            new TimmBlock(
                                    config.layers(),
                                    "gamma",
                                    TimmBlock.Form.USUAL,
                                    seed.split(i))));
        }
        last = child("norm", new LayerNorm(width, config.layers().epsilon()));
    }

    /// What it is made of.
    public Config config() {
        return config;
    }

    /// @param images `(B, 3, H, W)`, sides whole numbers of patches
    public Tensor forward(Tensor images) {
        var x = patches.forward(images);
        long batch = x.size(0), width = x.size(2);
        long rows = images.size(2) / config.patch(), columns = images.size(3) / config.patch();
        var first = classToken.add(positions.narrow(1, 0, 1)).expand(batch, 1, width);
        var tokens = Tensor.cat(List.of(first, x.add(places(rows, columns))), 1);
        for (var block : blocks) tokens = block.forward(tokens, UnaryOperator.identity());
        return last.forward(tokens).narrow(1, 1, rows * columns);
    }

    private Tensor places(long rows, long columns) {
        int side = config.side();
        var table = positions.narrow(1, 1, (long) side * side);
        if (rows == side && columns == side) return table;
        var grid = table.view(1, side, side, table.size(2)).permute(0, 3, 1, 2);
        return Functional.interpolateBicubic(
                        grid, rows, columns, (rows + OFFSET) / side, (columns + OFFSET) / side)
                .flatten(2, 3)
                .transpose(1, 2);
    }
}
