package dev.orrery.quantize;

import dev.orrery.nn.Module;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.util.List;

/// Rounds each channel to one of a few levels; every combination of levels is a code, and there is
/// nothing to learn.
///
/// Ids are numbers whose digits are the levels, the first channel's the fastest. Gradients pass
/// straight through the rounding.
///
/// Source: arXiv:2309.15505; [Grid#SYMMETRIC] arXiv:2411.19842 section 3.2.
public final class FiniteScalarQuantizer extends Module {

    /// How far beyond the outermost level the bound lies, as a share, so that it can be reached.
    private static final double BEYOND = 1e-3;

    /// More levels than this would be rounded past the outermost.
    private static final int MOST = 1000;

    /// Where the levels of a channel lie.
    public enum Grid {
        /// Multiples of 1 / (L / 2) with one at 0; an even number has one more below than above.
        OFFSET,
        /// From -1 to 1, evenly apart; an even number has none at 0.
        SYMMETRIC
    }

    /// @param levels of each channel, 2 to 1000 with a product below 2^62; 3 or more for
    ///   [Grid#OFFSET]
    /// @param grid where they lie
    /// @param clamped whether channels are cut off at ±1 instead of bounded by tanh
    public record Config(List<Integer> levels, Grid grid, boolean clamped) {

        public Config {
            levels = List.copyOf(levels);
            int least = grid == Grid.OFFSET ? 3 : 2;
            if (levels.isEmpty() || levels.stream().anyMatch(l -> l < least || l > MOST))
                throw new IllegalArgumentException(
                        "levels %s; each channel of grid %s needs %d to %d"
                                .formatted(levels, grid, least, MOST));
            double product = levels.stream().mapToDouble(l -> l).reduce(1, (a, b) -> a * b);
            if (product >= 0x1p62)
                throw new IllegalArgumentException(
                        "levels %s have %.1e codes, more than ids can count; use fewer channels"
                                .formatted(levels, product));
        }

        /// The paper's: [Grid#OFFSET], bounded by tanh.
        public static Config of(Integer... levels) {
            return new Config(List.of(levels), Grid.OFFSET, false);
        }

        /// How many codes there are.
        public long codes() {
            return levels.stream().mapToLong(l -> l).reduce(1, (a, b) -> a * b);
        }
    }

    private final Config config;

    /// For each channel: levels and their steps in ids (I64), and levels, half of them, and where
    /// channels are moved before and after they are bounded (F32).
    private final Tensor levels, steps, counts, halves, shift, offset;

    /// A quantiser without any parameters.
    public FiniteScalarQuantizer(Config config) {
        this.config = config;
        int channels = config.levels.size();
        var whole = new long[channels];
        var step = new long[channels];
        var moved = new float[channels];
        var before = new float[channels];
        long product = 1;
        for (int c = 0; c < channels; c++) {
            int level = config.levels.get(c);
            whole[c] = level;
            step[c] = product;
            product *= level;
            moved[c] = level % 2 == 0 ? 0.5f : 0;
            double ratio = moved[c] / ((level - 1) * (1 + BEYOND) / 2);
            before[c] =
                    (float) (config.clamped ? ratio : 0.5 * Math.log((1 + ratio) / (1 - ratio)));
        }
        levels = constant("levels", Tensor.of(whole, channels));
        steps = constant("steps", Tensor.of(step, channels));
        counts = constant("counts", levels.to(DType.F32));
        halves = constant("halves", levels.floorDivide(2L).to(DType.F32));
        shift = constant("shift", Tensor.of(before, channels));
        offset = constant("offset", Tensor.of(moved, channels));
    }

    /// The settings.
    public Config config() {
        return config;
    }

    /// Rounds vectors `(..., C)`, a channel for each number of levels; the loss is 0.
    ///
    /// @throws IllegalArgumentException if they do not have C channels
    public Quantized forward(Tensor z) {
        Codebook.checkWidth(z, config.levels.size(), "the finite scalar quantiser");
        var place = place(z);
        var digits = round(place.detach());
        var through = place.add(digits.sub(place).detach());
        return new Quantized(ids(digits), code(through), Tensor.scalar(0, z.dtype()), z.detach());
    }

    /// Where channels lie among the levels, in steps between them.
    private Tensor place(Tensor z) {
        var less = counts.sub(1.0);
        return switch (config.grid) {
            case OFFSET -> bound(z.add(shift)).mul(less.mul(1 + BEYOND).div(2.0)).sub(offset);
            case SYMMETRIC -> less.mul(bound(z).add(1.0)).div(2.0).add(0.5);
        };
    }

    private Tensor bound(Tensor z) {
        return config.clamped ? z.clamp(-1, 1) : z.tanh();
    }

    private Tensor round(Tensor place) {
        return config.grid == Grid.OFFSET ? place.round() : place.floor();
    }

    private Tensor code(Tensor rounded) {
        return switch (config.grid) {
            case OFFSET -> rounded.div(halves);
            case SYMMETRIC -> rounded.mul(counts.sub(1.0).reciprocal().mul(2.0)).sub(1.0);
        };
    }

    private Tensor ids(Tensor rounded) {
        var digits = config.grid == Grid.OFFSET ? rounded.add(halves) : rounded;
        return digits.to(DType.I64).mul(steps).sum(-1, false);
    }

    /// The codes of ids `(...)`, `(..., C)`.
    ///
    /// @throws IllegalArgumentException for an id that is no code
    public Tensor lookup(Tensor ids) {
        var digits =
                Codebook.checked(ids, config.codes())
                        .unsqueeze(-1)
                        .floorDivide(steps)
                        .remainder(levels)
                        .to(DType.F32);
        return code(config.grid == Grid.OFFSET ? digits.sub(halves) : digits);
    }

    /// Every code in the order of ids, `(K, C)`.
    public Tensor codes() {
        return lookup(Tensor.arange(config.codes()));
    }
}
