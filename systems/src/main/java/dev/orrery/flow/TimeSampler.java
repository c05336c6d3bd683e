package dev.orrery.flow;

import dev.orrery.tensor.Seed;
import java.util.random.RandomGenerator;

/// How training draws times, in house time (0 noise, 1 data) and in double precision.
///
/// Sources: logit-normal and cosmap, arXiv:2403.03206 section 3.1; beta, arXiv:2410.24164 appendix
/// B.
public sealed interface TimeSampler {

    /// One time in `[0, 1]` for each of `batch` samples.
    double[] draw(int batch, Seed seed);

    /// Independent uniform times.
    record Uniform() implements TimeSampler {
        @Override
        public double[] draw(int batch, Seed seed) {
            return each(batch, seed, RandomGenerator::nextDouble);
        }
    }

    /// One uniform time from each of `batch` equal slices, shuffled: the same density with less
    /// variance, for small batches.
    record Stratified() implements TimeSampler {
        @Override
        public double[] draw(int batch, Seed seed) {
            var random = RandomStream.of(seed);
            var times = new double[requireBatch(batch)];
            for (int i = 0; i < batch; i++) times[i] = (i + random.nextDouble()) / batch;
            for (int i = batch - 1; i > 0; i--) {
                int j = random.nextInt(i + 1);
                double swapped = times[i];
                times[i] = times[j];
                times[j] = swapped;
            }
            return times;
        }
    }

    /// `sigmoid(mean + deviation * n)` with n standard normal; a positive mean favours the data
    /// end.
    record LogitNormal(double mean, double deviation) implements TimeSampler {
        public LogitNormal {
            if (!Double.isFinite(mean) || !(deviation > 0)) {
                throw new IllegalArgumentException(
                        "logit-normal times need a finite mean and a deviation above 0, got %s, %s"
                                .formatted(mean, deviation));
            }
        }

        @Override
        public double[] draw(int batch, Seed seed) {
            return each(
                    batch, seed, r -> 1 / (1 + Math.exp(-(mean + deviation * r.nextGaussian()))));
        }
    }

    /// Noise levels `offset + scale * b` with b from Beta(alpha, beta), that is house times of one
    /// minus that. [#PI0] favours the noisy end and never trains the nearly clean one.
    ///
    /// The record's names are lerobot's `time_sampling_*` keys.
    record Beta(double alpha, double beta, double scale, double offset) implements TimeSampler {

        /// π0's: density ∝ √b on noise levels 0.001 to 1.
        public static final Beta PI0 = new Beta(1.5, 1, 0.999, 0.001);

        public Beta {
            new BetaDraw(alpha, beta);
            if (!(offset >= 0) || !(scale > 0) || offset + scale > 1 + 1e-12) {
                throw new IllegalArgumentException(
                        "beta times: offset %s plus scale %s must stay in [0, 1]"
                                .formatted(offset, scale));
            }
        }

        @Override
        public double[] draw(int batch, Seed seed) {
            var beta = new BetaDraw(alpha, this.beta);
            return each(batch, seed, r -> Math.max(0, 1 - (offset + scale * beta.next(r))));
        }
    }

    /// `1 - 1 / (tan(π u / 2) + 1)`: the times that a cosine schedule would give.
    record CosMap() implements TimeSampler {
        @Override
        public double[] draw(int batch, Seed seed) {
            return each(batch, seed, r -> 1 - 1 / (Math.tan(Math.PI / 2 * r.nextDouble()) + 1));
        }
    }

    /// Another sampler's times with their noise level τ moved to `shift τ / (1 + (shift - 1) τ)`:
    /// above 1 for large latents, which need more noise to hide their content.
    record Shifted(TimeSampler times, double shift) implements TimeSampler {
        public Shifted {
            StepGrid.requireShift(shift);
        }

        @Override
        public double[] draw(int batch, Seed seed) {
            var drawn = times.draw(batch, seed);
            for (int i = 0; i < batch; i++) drawn[i] = StepGrid.shift(drawn[i], shift);
            return drawn;
        }
    }

    private static double[] each(
            int batch, Seed seed, java.util.function.ToDoubleFunction<RandomGenerator> draw) {
        var random = RandomStream.of(seed);
        var times = new double[requireBatch(batch)];
        for (int i = 0; i < batch; i++) times[i] = draw.applyAsDouble(random);
        return times;
    }

    private static int requireBatch(int batch) {
        if (batch < 1) {
            throw new IllegalArgumentException(
                    "times for a batch of %d; use at least 1".formatted(batch));
        }
        return batch;
    }
}
