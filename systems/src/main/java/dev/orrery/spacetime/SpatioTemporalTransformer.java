package dev.orrery.spacetime;

import dev.orrery.nn.AttentionContext;
import dev.orrery.nn.Init;
import dev.orrery.nn.Layer;
import dev.orrery.nn.LayerNorm;
import dev.orrery.nn.Linear;
import dev.orrery.nn.Module;
import dev.orrery.nn.SinCosPositions;
import dev.orrery.nn.Visibility;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// A stack of [SpatioTemporalBlock]s between a stem and a head: `(B, T, S, inputs) -> (B, T, S,
/// outputs)`.
///
/// The stem is norm, linear, norm; a token's position code is the sum of a learned code of its
/// place in the frame and one of its frame's place in time, which start as sines and cosines.
/// Frames see themselves and earlier ones. The head is a norm and a linear layer.
///
/// Names: `stem.{0,1,2}`, `positions.{spatial,temporal}`, `blocks.{i}`, `norm`, `head`. Source:
/// Genie, arXiv:2402.15391; the stem is that of public re-implementations.
public final class SpatioTemporalTransformer extends Module implements Layer {

    /// @param block the blocks
    /// @param blocks how many
    /// @param grid the tokens of a frame
    /// @param context most frames T that see each other
    /// @param inputs channels of the input
    /// @param outputs channels of the output
    public record Config(
            SpatioTemporalBlock.Config block,
            int blocks,
            TokenGrid grid,
            int context,
            int inputs,
            int outputs) {

        public Config {
            if (blocks < 1 || context < 1 || inputs < 1 || outputs < 1) {
                throw new IllegalArgumentException(
                        "%d blocks over %d frames from %d to %d channels; each must be 1 or more"
                                .formatted(blocks, context, inputs, outputs));
            }
        }
    }

    private final Config config;
    private final LayerNorm raw, embedded, last;
    private final Linear embed, head;
    private final Tensor spatial, temporal;
    private final List<SpatioTemporalBlock> blocks;

    public SpatioTemporalTransformer(Config config, Seed seed) {
        this(config, Init.normal(SpatioTemporalBlock.DEVIATION), seed);
    }

    /// With other first weights of the head, such as smaller ones.
    public SpatioTemporalTransformer(Config config, Init lastWeights, Seed seed) {
        this.config = config;
        int width = config.block().width();
        raw = child("stem.0", new LayerNorm(config.inputs()));
        embed = child("stem.1", linear(config.inputs(), width, seed.split("stem")));
        embedded = child("stem.2", new LayerNorm(width));
        spatial =
                parameter(
                        "positions.spatial",
                        near(config.grid().positions(width)),
                        seed,
                        config.grid().tokens(),
                        width);
        temporal =
                parameter(
                        "positions.temporal",
                        near(SinCosPositions.sequence(config.context(), width)),
                        seed,
                        config.context(),
                        width);
        var stack = new ArrayList<SpatioTemporalBlock>();
        for (int i = 0; i < config.blocks(); i++) {
            stack.add(new SpatioTemporalBlock(config.block(), seed.split("blocks").split(i)));
        }
        blocks = children("blocks", stack);
        last = child("norm", new LayerNorm(width));
        head =
                child(
                        "head",
                        Linear.of(width, config.outputs(), true, lastWeights, seed.split("head")));
    }

    private static Init near(Tensor table) {
        return (seed, shape) -> seed.normal(shape).mul_(SpatioTemporalBlock.DEVIATION).add_(table);
    }

    private static Linear linear(long inputs, long outputs, Seed seed) {
        return Linear.of(inputs, outputs, true, Init.normal(SpatioTemporalBlock.DEVIATION), seed);
    }

    /// The sizes.
    public Config config() {
        return config;
    }

    /// Frames that are the first ones of their window.
    ///
    /// @throws IllegalArgumentException if there are more than the context holds, or of another
    ///   shape
    @Override
    public Tensor forward(Tensor x) {
        var h = start(x, 0);
        for (var block : blocks) {
            h = block.forward(h);
        }
        return head.forward(last.forward(h));
    }

    /// Each frame after the known ones before it, all at once and with gradients: what [#after]
    /// gives for each of them after the known ones in a cache.
    ///
    /// Known frames see known ones up to themselves; a guessed frame sees itself and the known ones
    /// before it. It costs as much as a clip of `2 T - 2` frames. Training on clean and hidden
    /// copies side by side is that of block diffusion, arXiv:2503.09573.
    ///
    /// @param known frames 1 to T-1 `(B, T-1, S, inputs)`
    /// @param guessed frames 2 to T, such as with hidden tokens `(B, T-1, S, inputs)`
    /// @return of the guessed frames `(B, T-1, S, outputs)`
    /// @throws IllegalArgumentException if there are not as many of either
    public Tensor afterEach(Tensor known, Tensor guessed) {
        long count = known.size(1);
        if (guessed.size(1) != count) {
            throw new IllegalArgumentException(
                    "%d guessed frames beside %d known ones; give one after each"
                            .formatted(guessed.size(1), count));
        }
        var h = Tensor.cat(List.of(start(known, 0), start(guessed, 1)), 1);
        var time = AttentionContext.of(Visibility.masked(besideEachOther(count)));
        for (var block : blocks) {
            h = block.forward(h, time);
        }
        return head.forward(last.forward(h.narrow(1, count, count)));
    }

    /// Who sees whom of `count` known frames and as many guessed ones, each of which follows one.
    private static Tensor besideEachOther(long count) {
        var earlier = Tensor.ones(DType.BOOL, count, count).tril(0);
        var itself = earlier.logicalAnd(earlier.transpose(0, 1));
        var known = Tensor.cat(List.of(earlier, Tensor.zeros(DType.BOOL, count, count)), 1);
        return Tensor.cat(List.of(known, Tensor.cat(List.of(earlier, itself), 1)), 0);
    }

    /// An empty cache for [#append] and [#after].
    public TemporalCache cache() {
        return new TemporalCache(blocks.size(), config.context());
    }

    /// Frames that follow those in the cache and are added to it. Nothing is recorded for
    /// gradients.
    public Tensor append(Tensor x, TemporalCache cache) {
        var result = follow(x, cache, true);
        cache.grow((int) x.size(1));
        return result;
    }

    /// Frames that follow those in the cache, which stays as it is: so one frame is refined again
    /// and again at the cost of one frame. Nothing is recorded for gradients.
    public Tensor after(Tensor x, TemporalCache cache) {
        return follow(x, cache, false);
    }

    private Tensor follow(Tensor x, TemporalCache cache, boolean keep) {
        try (var _ = Grad.disabled()) {
            var h = start(x, cache.frames());
            for (int i = 0; i < blocks.size(); i++) {
                var block = blocks.get(i);
                h = keep ? block.append(h, cache.layer(i)) : block.after(h, cache.layer(i));
            }
            return head.forward(last.forward(h));
        }
    }

    private Tensor start(Tensor x, int earlier) {
        check(x, earlier);
        var positions = spatial.add(temporal.narrow(0, earlier, x.size(1)).unsqueeze(1));
        return embedded.forward(embed.forward(raw.forward(x))).add(positions);
    }

    private void check(Tensor x, int earlier) {
        int tokens = config.grid().tokens();
        if (x.rank() != 4 || x.size(2) != tokens || x.size(3) != config.inputs()) {
            throw new IllegalArgumentException(
                    "frames are %s; needs (B, T, %d, %d)".formatted(x, tokens, config.inputs()));
        }
        if (earlier + x.size(1) > config.context()) {
            throw new IllegalArgumentException(
                    "%d frames after %d do not fit the context of %d; give fewer, or train with a longer context"
                            .formatted(x.size(1), earlier, config.context()));
        }
    }
}
