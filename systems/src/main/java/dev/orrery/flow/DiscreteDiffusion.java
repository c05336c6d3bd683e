package dev.orrery.flow;

import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Diffusion in T discrete steps that keeps the variance: `x_s = √ᾱ_s x + √(1 - ᾱ_s) ε`, for
/// networks that predict ε.
///
/// Step 0 is nearly data and step T - 1 nearly noise, as published networks are told. In house time
/// ([#time]) step s lies at `1 - (s + 1) / T`, so that such a network is a [VelocityField] whose
/// answers are noise, and [Guidance] applies to it.
///
/// Sources: DDPM, arXiv:2006.11239; squared cosine, arXiv:2102.09672; DDIM, arXiv:2010.02502.
public final class DiscreteDiffusion {

    private static final double OFFSET = 0.008, MOST = 0.999;

    private final double[] kept;

    private DiscreteDiffusion(double[] kept) {
        this.kept = kept;
    }

    /// Betas by which ᾱ falls as a squared cosine, none above .999.
    ///
    /// @param steps T, at least 2
    public static DiscreteDiffusion squaredCosine(int steps) {
        if (steps < 2) {
            throw new IllegalArgumentException(
                    "diffusion in %d steps; use at least 2".formatted(steps));
        }
        var kept = new double[steps];
        double left = 1;
        for (int s = 0; s < steps; s++) {
            double beta = Math.min(MOST, 1 - bar((s + 1d) / steps) / bar(s / (double) steps));
            left *= 1 - beta;
            kept[s] = left;
        }
        return new DiscreteDiffusion(kept);
    }

    private static double bar(double share) {
        double cosine = Math.cos((share + OFFSET) / (1 + OFFSET) * Math.PI / 2);
        return cosine * cosine;
    }

    /// The number of steps T.
    public int steps() {
        return kept.length;
    }

    /// ᾱ of a step: the share of the data's variance that is left.
    public double kept(int step) {
        return kept[step];
    }

    /// The house time of a step.
    public double time(int step) {
        return 1 - (step + 1d) / kept.length;
    }

    /// The step at a house time, with fractions between steps.
    public double step(double time) {
        return (1 - time) * kept.length - 1;
    }

    /// A step for each of `batch` samples, all equally likely.
    public int[] draw(int batch, Seed seed) {
        var drawn = seed.integers(kept.length, batch).toLongs();
        return IntStream.range(0, batch).map(i -> (int) drawn[i]).toArray();
    }

    /// Noisy samples.
    ///
    /// @param data `(B, ...)`
    /// @param noise `(B, ...)` standard normal
    /// @param steps one a sample
    /// @throws IllegalArgumentException if data are not finite
    public Tensor noised(Tensor data, Tensor noise, int[] steps) {
        DataCheck.requireFinite(data);
        var signal = new double[steps.length];
        var disturbance = new double[steps.length];
        for (int i = 0; i < steps.length; i++) {
            signal[i] = Math.sqrt(kept[steps[i]]);
            disturbance[i] = Math.sqrt(1 - kept[steps[i]]);
        }
        return data.mul(PerSample.of(signal, data)).add(noise.mul(PerSample.of(disturbance, data)));
    }

    /// The steps that are taken when sampling in `count` steps, rising: every n-th from 0 on, with
    /// the smallest n that makes them so many.
    ///
    /// @throws IllegalArgumentException if no stride does; the message names the nearest count
    public int[] stride(int count) {
        for (int n = 1; n < kept.length; n++) {
            if (strides(n) == count) {
                int stride = n;
                return IntStream.range(0, count).map(k -> k * stride).toArray();
            }
        }
        int nearest =
                IntStream.range(1, kept.length)
                        .map(this::strides)
                        .boxed()
                        .min(java.util.Comparator.comparingInt(c -> Math.abs(c - count)))
                        .orElseThrow();
        throw new IllegalArgumentException(
                "no whole stride cuts %d diffusion steps into %d; use %d"
                        .formatted(kept.length, count, nearest));
    }

    private int strides(int n) {
        return (kept.length + n - 1) / n;
    }

    /// The states of sampling without fresh noise (DDIM, η = 0), the given one first.
    ///
    /// @param noise answers with ε at a house time
    /// @param start standard normal `(B, ...)`
    /// @param count steps, see [#stride]
    public List<Tensor> trace(VelocityField noise, Tensor start, int count) {
        var taken = stride(count);
        var states = new ArrayList<>(List.of(start));
        try (var _ = Grad.disabled()) {
            for (int k = count - 1; k >= 0; k--) {
                try (var scope = TensorScope.open()) {
                    double now = kept[taken[k]], next = k == 0 ? 1 : kept[taken[k - 1]];
                    var x = states.getLast();
                    var guess = noise.at(x, time(taken[k]));
                    var data = x.sub(guess.mul(Math.sqrt(1 - now))).mul(1 / Math.sqrt(now));
                    states.add(
                            scope.keep(data.mul(Math.sqrt(next)).add(guess, Math.sqrt(1 - next))));
                }
            }
        }
        Solver.requireFinite(states.getLast(), 1);
        return List.copyOf(states);
    }
}
