package dev.orrery.system.genie;

import static dev.orrery.tensor.Axis.axis;

import dev.orrery.nn.Conv3d;
import dev.orrery.nn.Init;
import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.Window;
import dev.orrery.tensor.Functional;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// A block of GenieRedux: for space and for time a positional convolution, attention and a
/// feed-forward layer, in either order.
///
/// It differs from the paper's and the shared one: positions come from a depthwise convolution over
/// three frames (PEG), from a learned bias of distances in space and from ALiBi in time; queries
/// and keys have length one before their scales; keys and values are taken before the norm; both
/// attentions have a feed-forward layer (GEGLU).
///
/// Source: the GenieRedux repository, arXiv:2409.06445.
final class GenieReduxBlock extends Module {

    /// Whether space or time comes first.
    enum Order {
        SPACE_FIRST,
        TIME_FIRST
    }

    /// What attention scores are multiplied by.
    private static final double SCALE = 8;

    private final Order order;
    private final Positions spatialPositions, temporalPositions;
    private final Attention spatial, temporal;
    private final FeedForward spatialHidden, temporalHidden;

    GenieReduxBlock(GenieReduxConfig config, Order order, Seed seed) {
        this.order = order;
        int width = config.width();
        spatialPositions = child("spatial_peg", new Positions(width, seed.split("spatial_peg")));
        spatial = child("spatial_attention", new Attention(config, seed.split("spatial")));
        spatialHidden = child("spatial_ff", new FeedForward(config, seed.split("spatial_ff")));
        temporalPositions = child("temporal_peg", new Positions(width, seed.split("temporal_peg")));
        temporal = child("temporal_attention", new Attention(config, seed.split("temporal")));
        temporalHidden = child("temporal_ff", new FeedForward(config, seed.split("temporal_ff")));
    }

    /// `(B, T, H, W, D)` to the same.
    ///
    /// @param space bias of attention within a frame `(heads, H W, H W)`
    /// @param time bias of attention over time `(heads, T, T)`, -inf for the future
    Tensor forward(Tensor x, Tensor space, Tensor time) {
        return switch (order) {
            case SPACE_FIRST -> inTime(inSpace(x, space), time);
            case TIME_FIRST -> inSpace(inTime(x, time), space);
        };
    }

    private Tensor inSpace(Tensor x, Tensor bias) {
        var placed = x.add(spatialPositions.forward(x));
        var frames = placed.rearrange("b t h w d -> (b t) (h w) d");
        return spatialHidden
                .added(frames.add(spatial.forward(frames, bias)))
                .rearrange(
                        "(b t) (h w) d -> b t h w d", axis("t", x.size(1)), axis("h", x.size(2)));
    }

    private Tensor inTime(Tensor x, Tensor bias) {
        var placed = x.add(temporalPositions.forward(x));
        var tracks = placed.rearrange("b t h w d -> (b h w) t d");
        return temporalHidden
                .added(tracks.add(temporal.forward(tracks, bias)))
                .rearrange("(b h w) t d -> b t h w d", axis("h", x.size(2)), axis("w", x.size(3)));
    }

    /// A norm with a scale; its shift is stored and never trained.
    static final class Norm extends Module {
        private final Tensor gamma, beta;

        Norm(int width) {
            gamma = parameter("gamma", Init.ONES, Seed.of(0), width);
            beta = buffer("beta", Tensor.zeros(width));
        }

        Tensor forward(Tensor x) {
            return Functional.layerNorm(x, gamma.shape(), gamma, beta, 1e-5);
        }
    }

    /// A convolution over 3 x 3 places in this frame and the two before.
    private static final class Positions extends Module {
        private final Conv3d conv;

        Positions(int width, Seed seed) {
            var window = new Window(3, 1, 0, 1, width);
            conv = child("dsconv", new Conv3d(width, width, window, seed));
        }

        Tensor forward(Tensor x) {
            var video = x.permute(0, 4, 1, 2, 3);
            var padded = Functional.pad(video, new long[] {1, 1, 1, 1, 2, 0}, 0);
            return conv.forward(padded).permute(0, 2, 3, 4, 1);
        }
    }

    private static final class Attention extends Module {
        private final GenieReduxConfig config;
        private final Norm norm;
        private final Linear query, keyValue, out;
        private final Tensor queryScale, keyScale;

        Attention(GenieReduxConfig config, Seed seed) {
            this.config = config;
            int width = config.width(), headWidth = config.headWidth();
            int inner = config.heads() * headWidth;
            norm = child("norm", new Norm(width));
            // Stored with every attention, of use only where there is a context to attend to.
            child("context_norm", new Norm(width));
            query = child("to_q", Linear.withoutBias(width, inner, seed.split("q")));
            keyValue = child("to_kv", Linear.withoutBias(width, 2L * inner, seed.split("kv")));
            queryScale = parameter("q_scale", Init.ONES, seed, headWidth);
            keyScale = parameter("k_scale", Init.ONES, seed, headWidth);
            out = child("to_out", Linear.withoutBias(inner, width, seed.split("out")));
        }

        /// @param x `(B, L, D)`
        /// @param bias `(heads, L, L)`
        Tensor forward(Tensor x, Tensor bias) {
            long inner = (long) config.heads() * config.headWidth();
            var kv = keyValue.forward(x);
            var q = unit(heads(query.forward(norm.forward(x)))).mul(queryScale);
            var k = unit(heads(kv.narrow(-1, 0, inner))).mul(keyScale);
            var mixed =
                    Functional.scaledDotProductAttention(
                            q,
                            k,
                            heads(kv.narrow(-1, inner, inner)),
                            bias.unsqueeze(0),
                            false,
                            SCALE,
                            false);
            return out.forward(mixed.transpose(1, 2).flatten(2, 3));
        }

        private Tensor heads(Tensor x) {
            return x.rearrange("b n (h d) -> b h n d", axis("h", config.heads()));
        }
    }

    /// Vectors of length one along the last axis.
    static Tensor unit(Tensor x) {
        return x.div(x.norm(2, new long[] {-1}, true).clampMin(1e-12));
    }

    private static final class FeedForward extends Module {
        private final LayerNorm norm;
        private final Linear in, out;

        FeedForward(GenieReduxConfig config, Seed seed) {
            norm = child("0", new LayerNorm(config.width()));
            in =
                    child(
                            "1",
                            Linear.withoutBias(
                                    config.width(), 2L * config.hidden(), seed.split(1)));
            out = child("4", Linear.withoutBias(config.hidden(), config.width(), seed.split(4)));
        }

        Tensor added(Tensor x) {
            var both = in.forward(norm.forward(x));
            long half = both.size(-1) / 2;
            var gate = Functional.gelu(both.narrow(-1, half, half));
            return x.add(out.forward(gate.mul(both.narrow(-1, 0, half))));
        }
    }

    /// Blocks and a last norm, with the bias of attention over time.
    static final class Stack extends Module {
        private final GenieReduxConfig config;
        private final List<GenieReduxBlock> blocks;
        private final Norm norm;

        Stack(GenieReduxConfig config, Order order, Seed seed) {
            this.config = config;
            var list = new ArrayList<GenieReduxBlock>();
            for (int i = 0; i < config.blocks(); i++) {
                list.add(
                        child(
                                "layers." + i + ".0",
                                new GenieReduxBlock(config, order, seed.split(i))));
            }
            blocks = List.copyOf(list);
            norm = child("norm_out", new Norm(config.width()));
        }

        /// `(B, T, H, W, D)` to the same.
        Tensor forward(Tensor x, Tensor space) {
            var time = alibi(config.heads(), (int) x.size(1));
            for (var block : blocks) {
                x = block.forward(x, space, time);
            }
            return norm.forward(x);
        }
    }

    /// ALiBi `(heads, T, T)`: each head's slope times the negative distance, -inf for the future.
    static Tensor alibi(int heads, int frames) {
        var slopes = slopes(heads);
        var bias = new float[heads * frames * frames];
        for (int h = 0; h < heads; h++) {
            for (int i = 0; i < frames; i++) {
                for (int j = 0; j < frames; j++) {
                    bias[(h * frames + i) * frames + j] =
                            j > i ? Float.NEGATIVE_INFINITY : (float) (slopes[h] * (j - i));
                }
            }
        }
        return Tensor.of(bias, heads, frames, frames);
    }

    /// Powers of `2^(-8 / n)` for n heads; where n is no power of two, those of the power below and
    /// every other of the power above. Source: ALiBi, arXiv:2108.12409.
    static double[] slopes(int heads) {
        int whole = Integer.highestOneBit(heads);
        var slopes = new double[heads];
        for (int i = 0; i < heads; i++) {
            slopes[i] =
                    i < whole
                            ? Math.pow(2, -8.0 / whole * (i + 1))
                            : Math.pow(2, -4.0 / whole * (2 * (i - whole) + 1));
        }
        return slopes;
    }

    /// A learned bias of attention within a frame, from signed logarithmic distances.
    static final class Distances extends Module {
        private final Linear in, between, out;

        Distances(int width, int heads, Seed seed) {
            in = child("net.0.0", new Linear(2, width, seed.split(0)));
            between = child("net.1.0", new Linear(width, width, seed.split(1)));
            out = child("net.2", new Linear(width, heads, seed.split(2)));
        }

        /// `(heads, H W, H W)`.
        Tensor forward(int rows, int columns) {
            int n = rows * columns;
            var away = new float[n * n * 2];
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    away[(i * n + j) * 2] = log(i / columns - j / columns);
                    away[(i * n + j) * 2 + 1] = log(i % columns - j % columns);
                }
            }
            var x = Functional.leakyRelu(in.forward(Tensor.of(away, n, n, 2)), 0.1);
            return out.forward(Functional.leakyRelu(between.forward(x), 0.1)).permute(2, 0, 1);
        }

        private static float log(int distance) {
            return (float) (Math.signum((double) distance) * Math.log1p(Math.abs(distance)));
        }
    }
}
