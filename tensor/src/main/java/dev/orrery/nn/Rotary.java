package dev.orrery.nn;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;

/// Rotary position embedding: pairs of channels of queries and keys are turned by an angle that
/// grows with the position, faster for earlier pairs.
///
/// @param width channels that are turned, an even number; channels of a head beyond it stay
/// @param base the slowest pair turns `1 / base` times as fast as the first (about)
/// @param layout which channels form a pair
/// @param scaling how frequencies are stretched for longer texts
///
///   Source: arXiv:2104.09864.
public record Rotary(int width, double base, Layout layout, Scaling scaling) {

    /// Which channels form a pair.
    public enum Layout {
        /// Channel i with channel i + width/2, as in Llama, Gemma and Qwen.
        HALVES,
        /// Channel 2i with channel 2i + 1, as in the paper.
        INTERLEAVED
    }

    /// How frequencies are stretched.
    public sealed interface Scaling {

        /// Not at all.
        record None() implements Scaling {}

        /// All positions divided by the factor.
        record Linear(double factor) implements Scaling {}

        /// Slow pairs divided by the factor, fast ones kept, blended between.
        ///
        /// @param factor how many times longer texts may be
        /// @param lowFrequency pairs that turn fewer times than this in `original` are divided
        /// @param highFrequency pairs that turn more often are kept
        /// @param original length that the model was first trained for
        record Llama3(double factor, double lowFrequency, double highFrequency, double original)
                implements Scaling {}
    }

    public Rotary {
        if (width < 2 || width % 2 != 0)
            throw new IllegalArgumentException(
                    "rotary width %d does not split into pairs; use an even number"
                            .formatted(width));
    }

    /// Pairs in halves, no scaling.
    public static Rotary halves(int width, double base) {
        return new Rotary(width, base, Layout.HALVES, new Scaling.None());
    }

    /// Neighbouring pairs, no scaling.
    public static Rotary interleaved(int width, double base) {
        return new Rotary(width, base, Layout.INTERLEAVED, new Scaling.None());
    }

    /// The turn at each position, worked out once for all layers.
    ///
    /// @param positions `(L)`, or `(B, L)` where samples differ
    public Rotation at(Tensor positions) {
        var frequencies = Tensor.of(frequencies(), width / 2).to(positions.device());
        var angles = positions.to(DType.F32).unsqueeze(-1).mul(frequencies);
        var perHead = angles.rank() == 3 ? angles.unsqueeze(1) : angles;
        return new Rotation(perHead.cos(), perHead.sin(), layout);
    }

    /// The turn at positions 0 to `length - 1`.
    public Rotation upTo(long length) {
        return at(Tensor.arange(length));
    }

    /// Radians per position of each pair.
    public float[] frequencies() {
        var frequencies = new float[width / 2];
        for (int i = 0; i < frequencies.length; i++)
            frequencies[i] = (float) scaled(Math.pow(base, -2.0 * i / width));
        return frequencies;
    }

    private double scaled(double frequency) {
        return switch (scaling) {
            case Scaling.None _ -> frequency;
            case Scaling.Linear(double factor) -> frequency / factor;
            case Scaling.Llama3(double factor, double low, double high, double original) -> {
                double turns = original * frequency / (2 * Math.PI);
                double kept = Math.clamp((turns - low) / (high - low), 0, 1);
                yield (1 - kept) * frequency / factor + kept * frequency;
            }
        };
    }
}
