package dev.orrery.system.genie;

import dev.orrery.system.genie.GenieConfig.Masking;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import java.util.List;

/// Which ids of a clip are hidden from the dynamics in training; the first frame's never are.
final class FrameMask {

    private static final double LEAST = 0.5, MOST_WRONG = 0.2;

    private FrameMask() {}

    /// @param ids what may be seen `(B, T, N)`, some of it wrong
    /// @param hidden BOOL `(B, T, N)`
    /// @param pastKnown whether each frame is guessed after visible ones: hidden ids are hidden in
    ///   the guess only, and `ids` are what is seen of the past
    record Masked(Tensor ids, Tensor hidden, boolean pastKnown) {

        Masked(Tensor ids, Tensor hidden) {
            this(ids, hidden, false);
        }
    }

    /// Hides ids `(B, T, N)` below `codes`.
    static Masked draw(Masking masking, Tensor ids, int codes, Seed seed) {
        return switch (masking) {
            case BERNOULLI -> bernoulli(ids, seed);
            case COPILOT ->
                    seed.split("kind").uniforms(1)[0] < 0.5f
                            ? bernoulli(ids, seed)
                            : copilot(ids, codes, seed);
            case KNOWN_PAST -> knownPast(ids, codes, seed);
        };
    }

    /// A share between a half and all of each clip's later frames.
    static Masked bernoulli(Tensor ids, Seed seed) {
        long b = ids.size(0), t = ids.size(1), n = ids.size(2);
        var rate = seed.split("rate").uniform(b, 1, 1).mul(1 - LEAST).add(LEAST);
        return new Masked(ids, below(rate, seed.split("tokens").uniform(b, t - 1, n)));
    }

    /// Frames up to a random one are visible with at most a fifth of their ids wrong; a share of
    /// the rest is hidden that is most often large.
    static Masked copilot(Tensor ids, int codes, Seed seed) {
        long b = ids.size(0), t = ids.size(1), n = ids.size(2);
        long known = 1 + (long) (seed.split("known").uniforms(1)[0] * (t - 1));
        var rate = seed.split("rate").uniform(b, 1, 1).mul(Math.PI / 2).cos();
        var later = below(rate, seed.split("tokens").uniform(b, t - known, n));
        var before = Tensor.zeros(DType.BOOL, b, known - 1, n);
        double wrong = seed.split("wrong").uniforms(1)[0] * MOST_WRONG;
        var changed = seed.split("changed").uniform(b, t, n).lt(wrong);
        var seen = Tensor.where(changed, seed.split("ids").integers(codes, b, t, n), ids);
        return new Masked(seen, Tensor.cat(List.of(before, later), 1));
    }

    /// Of each frame but the first a share is hidden that is most often large, while all frames
    /// before it are visible with at most a fifth of their ids wrong.
    static Masked knownPast(Tensor ids, int codes, Seed seed) {
        long b = ids.size(0), t = ids.size(1), n = ids.size(2);
        var rate = seed.split("rate").uniform(b, t - 1, 1).mul(Math.PI / 2).cos();
        var numbers = seed.split("tokens").uniform(b, t - 1, n);
        var later = numbers.le(rate.maximum(numbers.amin(new long[] {2}, true)));
        var first = Tensor.zeros(DType.BOOL, b, 1, n);
        var wrong = seed.split("wrong").uniform(b, t, 1).mul(MOST_WRONG);
        var changed = seed.split("changed").uniform(b, t, n).lt(wrong);
        var seen = Tensor.where(changed, seed.split("ids").integers(codes, b, t, n), ids);
        return new Masked(seen, Tensor.cat(List.of(first, later), 1), true);
    }

    /// Where numbers `(B, T-1, N)` are below their clip's rate, at least at one place of each clip;
    /// nowhere in the frame before.
    private static Tensor below(Tensor rate, Tensor numbers) {
        var least = numbers.amin(new long[] {1, 2}, true);
        var hidden = numbers.le(rate.maximum(least));
        var first = Tensor.zeros(DType.BOOL, hidden.size(0), 1, hidden.size(2));
        return Tensor.cat(List.of(first, hidden), 1);
    }
}
