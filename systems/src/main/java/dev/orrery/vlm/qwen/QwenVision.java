package dev.orrery.vlm.qwen;

import dev.orrery.lm.PublicConfig;
import dev.orrery.nn.Activation;
import dev.orrery.nn.Init;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.RmsNorm;
import dev.orrery.nn.Rotary;
import dev.orrery.nn.Rotation;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// Qwen2.5-VL's picture encoder: patches `(N, pixels of a patch)` of pictures of any size to tokens
/// `(N / merge², out)` of the language model.
///
/// Patches are turned by row and column; most layers attend within windows of pixels, a few within
/// the whole frame. Four neighbours become one token. Names: `patch_embed.proj`,
/// `blocks.{i}.{norm1, attn.{qkv, proj}, norm2, mlp.{gate,up,down}_proj}`, `merger.{ln_q, mlp.0,
/// mlp.2}`. Source: arXiv:2502.13923.
public final class QwenVision extends Module {

    static final double EPSILON = 1e-6;
    private static final double BASE = 10_000;

    /// Sizes.
    ///
    /// @param layers what each layer is made of
    /// @param depth layers
    /// @param whole layers that see the whole frame, not a window
    /// @param patch how pictures are cut
    /// @param out channels of a token
    public record Size(Layers layers, int depth, Set<Integer> whole, Patch patch, int out) {

        public Size {
            whole = Set.copyOf(whole);
        }

        /// Reads the `vision_config` of a public configuration.
        public static Size read(PublicConfig c) {
            int width = c.integer("hidden_size"), depth = c.integer("depth");
            var whole = c.numbers("fullatt_block_indexes").stream().map(Double::intValue).toList();
            for (int layer : whole) {
                if (layer < 0 || layer >= depth) {
                    throw c.wrong(
                            "fullatt_block_indexes",
                            "is %s; there are layers 0 to %d".formatted(whole, depth - 1));
                }
            }
            var layers =
                    new Layers(
                            width,
                            c.integer("num_heads"),
                            c.integer("intermediate_size"),
                            Activation.named(c.text("hidden_act", "silu")));
            var patch =
                    new Patch(
                            c.integer("in_channels", c.integer("in_chans", 3)),
                            c.integer("temporal_patch_size", 2),
                            c.integer("patch_size", 14),
                            c.integer("spatial_merge_size", 2),
                            c.integer("window_size", 112));
            return new Size(
                    layers, depth, Set.copyOf(whole), patch, c.integer("out_hidden_size", width));
        }
    }

    /// What a layer is made of.
    ///
    /// @param width channels D
    /// @param heads a divisor of D; a head's channels are a multiple of 4
    /// @param mlp hidden channels of the gated feed-forward layer
    /// @param activation of its gate
    public record Layers(int width, int heads, int mlp, Activation activation) {

        public Layers {
            if (heads < 1 || width % heads != 0 || width / heads % 4 != 0) {
                throw new IllegalArgumentException(
                        "vision: width %d over %d heads; a head needs a multiple of 4 channels, half of them for rows"
                                .formatted(width, heads));
            }
        }
    }

    /// How pictures are cut.
    ///
    /// @param channels colours
    /// @param frames pictures in a patch
    /// @param side pixels of a patch
    /// @param merge patches along the side of a token
    /// @param window pixels along the side of a window
    public record Patch(int channels, int frames, int side, int merge, int window) {

        public Patch {
            if (window < side * merge) {
                throw new IllegalArgumentException(
                        "vision: a window of %d pixels is smaller than a token of %d"
                                .formatted(window, side * merge));
            }
        }

        /// Numbers in a patch.
        public int pixels() {
            return channels * frames * side * side;
        }
    }

    private final Size size;
    private final Tensor projection;
    private final List<QwenVisionBlock> blocks = new ArrayList<>();
    private final RmsNorm norm;
    private final Linear fc1, fc2;

    public QwenVision(Size size, Seed seed) {
        this.size = size;
        var patch = size.patch();
        int width = size.layers().width();
        projection =
                parameter(
                        "patch_embed.proj.weight",
                        Init.fanIn(),
                        seed,
                        width,
                        patch.channels(),
                        patch.frames(),
                        patch.side(),
                        patch.side());
        for (int i = 0; i < size.depth(); i++) {
            blocks.add(child("blocks." + i, new QwenVisionBlock(size.layers(), seed.split(i))));
        }
        long joined = (long) width * patch.merge() * patch.merge();
        norm = child("merger.ln_q", new RmsNorm(width, EPSILON));
        fc1 = child("merger.mlp.0", new Linear(joined, joined, seed.split("fc1")));
        fc2 = child("merger.mlp.2", new Linear(joined, size.out(), seed.split("fc2")));
    }

    /// What it is made of.
    public Size size() {
        return size;
    }

    /// Tokens `(N / merge², out)`, picture by picture, rows first.
    ///
    /// @param patches `(N, pixels)`: colour, frame, row, column; patches square by square
    /// @param grids how the pictures are cut, one after the other
    /// @throws IllegalArgumentException if there are more or fewer patches than the grids have
    public Tensor forward(Tensor patches, List<PictureGrid> grids) {
        var patch = size.patch();
        long count = grids.stream().mapToLong(PictureGrid::patches).sum();
        if (patches.rank() != 2 || patches.size(0) != count || patches.size(1) != patch.pixels()) {
            throw new IllegalArgumentException(
                    "vision: patches of shape %s; the grids %s need (%d, %d)"
                            .formatted(
                                    Arrays.toString(patches.shape()),
                                    grids,
                                    count,
                                    patch.pixels()));
        }
        int window = patch.window() / patch.merge() / patch.side(),
                area = patch.merge() * patch.merge();
        var order = PatchOrder.of(grids, patch.merge(), window);
        var turn = turn(order);
        var flat = projection.view(projection.size(0), -1);
        var embedded = Functional.linear(patches.to(projection.dtype()), flat, null);
        var hidden =
                embedded.unflatten(0, count / area, area)
                        .indexSelect(0, Tensor.of(order.squares(), count / area))
                        .flatten(0, 1);
        for (int i = 0; i < blocks.size(); i++) {
            var together = size.whole().contains(i) ? order.frames() : order.windows();
            hidden = blocks.get(i).forward(hidden, turn, together);
        }
        var joined = norm.forward(hidden).view(count / area, -1);
        var tokens = fc2.forward(Functional.gelu(fc1.forward(joined)));
        return tokens.indexSelect(0, Tensor.of(order.places(), count / area));
    }

    /// Half of a head's pairs turn with the row, half with the column.
    private Rotation turn(PatchOrder order) {
        int head = size.layers().width() / size.layers().heads();
        var axis = Rotary.halves(head / 2, BASE);
        var rows = axis.at(Tensor.of(order.rows(), order.rows().length));
        var columns = axis.at(Tensor.of(order.columns(), order.columns().length));
        return new Rotation(
                Tensor.cat(List.of(rows.cos(), columns.cos()), -1),
                Tensor.cat(List.of(rows.sin(), columns.sin()), -1),
                Rotary.Layout.HALVES);
    }
}
