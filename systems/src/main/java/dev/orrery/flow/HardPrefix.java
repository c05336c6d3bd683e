package dev.orrery.flow;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/// Holds the first elements of a chunk at known values while the rest is sampled: the model sees
/// them clean, at the time of data, and only the rest moves.
///
/// The model must take one time a token, and be trained so: [#trainingTimes] draws such times.
/// Source: training-time real-time chunking, arXiv:2512.05964, as in lerobot.
///
/// @param known `(B, P, A)` with P from 1 to the chunk's length - 1
public record HardPrefix(Tensor known) {

    /// A velocity model with a house time for each token.
    @FunctionalInterface
    public interface PerToken {

        /// @param x `(B, K, A)`
        /// @param times `(B, K)` F64 in house time
        Tensor at(Tensor x, Tensor times);
    }

    public HardPrefix {
        if (known.rank() != 3 || known.size(1) < 1) {
            throw new IllegalArgumentException(
                    "hard prefix: known actions are %s; needs (B, P, A) with P at least 1"
                            .formatted(known));
        }
    }

    /// A field over whole chunks that leaves the known elements where they are. Start it from
    /// [#start].
    public VelocityField field(PerToken model) {
        return (x, time) -> {
            int prefix = length(x), steps = (int) x.size(1), batch = (int) x.size(0);
            var times = new double[batch * steps];
            for (int i = 0; i < times.length; i++) times[i] = i % steps < prefix ? 1 : time;
            var rest = x.narrow(1, prefix, steps - prefix);
            var velocity =
                    model.at(
                            Tensor.cat(List.of(known, rest), 1),
                            Tensor.of(times, batch, steps).to(DType.F64));
            return Tensor.cat(
                    List.of(Tensor.zerosLike(known), velocity.narrow(1, prefix, steps - prefix)),
                    1);
        };
    }

    /// The noise to start from, its prefix replaced by the known elements.
    public Tensor start(Tensor noise) {
        int prefix = length(noise);
        return Tensor.cat(List.of(known, noise.narrow(1, prefix, noise.size(1) - prefix)), 1);
    }

    /// Times for training a model that will be given prefixes: each sample's own time, and 1 on a
    /// prefix of its own length. Leave the prefix out of the loss.
    ///
    /// @param times B house times
    /// @param prefixes B prefix lengths, 0 for none
    /// @param steps chunk length K
    /// @return `(B, K)` F64
    public static Tensor trainingTimes(double[] times, int[] prefixes, int steps) {
        if (times.length != prefixes.length) {
            throw new IllegalArgumentException(
                    "%d times for %d prefixes".formatted(times.length, prefixes.length));
        }
        var spread = new double[times.length * steps];
        for (int b = 0; b < times.length; b++) {
            if (prefixes[b] < 0 || prefixes[b] >= steps) {
                throw new IllegalArgumentException(
                        "hard prefix of %d in a chunk of %d; use 0 to %d"
                                .formatted(prefixes[b], steps, steps - 1));
            }
            Arrays.fill(spread, b * steps, b * steps + prefixes[b], 1);
            Arrays.fill(
                    spread,
                    b * steps + prefixes[b],
                    (b + 1) * steps,
                    StepGrid.requireTime(times[b]));
        }
        return Tensor.of(spread, times.length, steps);
    }

    private int length(Tensor chunk) {
        long prefix = known.size(1);
        if (chunk.rank() != 3
                || chunk.size(0) != known.size(0)
                || chunk.size(2) != known.size(2)
                || prefix >= chunk.size(1)) {
            throw new IllegalArgumentException(
                    "hard prefix: known actions %s do not begin chunks %s".formatted(known, chunk));
        }
        return (int) prefix;
    }
}
