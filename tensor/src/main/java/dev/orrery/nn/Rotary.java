package dev.orrery.nn;

import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

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

        /// The base grows with the longest position once a text outgrows `original`.
        record Dynamic(double factor, double original) implements Scaling {}

        /// Slow pairs divided by the factor, fast ones kept, blended linearly over the pairs
        /// between; what is turned is scaled, too. Source: arXiv:2309.00071.
        ///
        /// @param fast turns in `original` from which on a pair is kept
        /// @param slow turns up to which a pair is divided
        /// @param attention what turned queries and keys are multiplied by
        /// @param whole whether blending begins and ends at whole pairs, as usual
        record Yarn(
                double factor,
                double original,
                double fast,
                double slow,
                double attention,
                boolean whole)
                implements Scaling {}

        /// A factor a pair, other ones once a text outgrows `original`. Source: arXiv:2402.13753.
        ///
        /// @param attention what turned queries and keys are multiplied by
        record LongRope(
                List<Double> shorter, List<Double> longer, double original, double attention)
                implements Scaling {

            public LongRope {
                shorter = List.copyOf(shorter);
                longer = List.copyOf(longer);
            }
        }
    }

    public Rotary {
        if (width < 2 || width % 2 != 0)
            throw new IllegalArgumentException(
                    "rotary width %d does not split into pairs; use an even number"
                            .formatted(width));
        if (scaling instanceof Scaling.LongRope(var shorter, var longer, _, _)
                && (shorter.size() != width / 2 || longer.size() != width / 2))
            throw new IllegalArgumentException(
                    "rotary width %d has %d pairs; longrope gives %d short and %d long factors"
                            .formatted(width, width / 2, shorter.size(), longer.size()));
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
        return turn(angles(positions));
    }

    /// The turn at positions along several axes, such as time, row and column of a picture's patch:
    /// each section of pairs follows one axis, in turn.
    ///
    /// @param positions `(axes, B, L)`
    /// @param sections pairs of each section; together all `width / 2`
    public Rotation at(Tensor positions, List<Integer> sections) {
        int pairs = sections.stream().mapToInt(Integer::intValue).sum();
        if (pairs != width / 2)
            throw new IllegalArgumentException(
                    "rotary width %d has %d pairs; sections %s have %d"
                            .formatted(width, width / 2, sections, pairs));
        var angles = angles(positions);
        var parts = new ArrayList<Tensor>();
        int from = 0;
        for (int i = 0; i < sections.size(); i++) {
            int count = sections.get(i);
            parts.add(angles.select(0, i % angles.size(0)).narrow(-1, from, count));
            from += count;
        }
        return turn(Tensor.cat(parts, -1));
    }

    private Tensor angles(Tensor positions) {
        var frequencies = Tensor.of(frequencies(length(positions)), width / 2);
        return positions.to(DType.F32).unsqueeze(-1).mul(frequencies.to(positions.device()));
    }

    private Rotation turn(Tensor angles) {
        var perHead = angles.rank() == 3 ? angles.unsqueeze(1) : angles;
        double size = attention();
        return size == 1
                ? new Rotation(perHead.cos(), perHead.sin(), layout)
                : new Rotation(perHead.cos().mul(size), perHead.sin().mul(size), layout);
    }

    /// How long a text is, where that matters.
    private double length(Tensor positions) {
        return switch (scaling) {
            case Scaling.Dynamic _, Scaling.LongRope _ -> positions.max().item() + 1;
            case Scaling.None _, Scaling.Linear _, Scaling.Llama3 _, Scaling.Yarn _ -> 0;
        };
    }

    private double attention() {
        return switch (scaling) {
            case Scaling.Yarn yarn -> yarn.attention();
            case Scaling.LongRope rope -> rope.attention();
            case Scaling.None _, Scaling.Linear _, Scaling.Llama3 _, Scaling.Dynamic _ -> 1;
        };
    }

    /// The turn at positions 0 to `length - 1`.
    public Rotation upTo(long length) {
        return at(Tensor.arange(length));
    }

    /// Radians per position of each pair, in short texts.
    public float[] frequencies() {
        return frequencies(0);
    }

    private float[] frequencies(double length) {
        var frequencies = new float[width / 2];
        for (int i = 0; i < frequencies.length; i++) frequencies[i] = (float) scaled(i, length);
        return frequencies;
    }

    private double scaled(int pair, double length) {
        double frequency = plain(base, pair);
        return switch (scaling) {
            case Scaling.None _ -> frequency;
            case Scaling.Linear(double factor) -> frequency / factor;
            case Scaling.Llama3(double factor, double low, double high, double original) -> {
                double turns = original * frequency / (2 * Math.PI);
                double kept = Math.clamp((turns - low) / (high - low), 0, 1);
                yield (1 - kept) * frequency / factor + kept * frequency;
            }
            case Scaling.Dynamic(double factor, double original) -> {
                double growth = factor * Math.max(length, original) / original - (factor - 1);
                yield plain(base * Math.pow(growth, width / (width - 2.0)), pair);
            }
            case Scaling.Yarn(
                            double factor,
                            double original,
                            double fast,
                            double slow,
                            _,
                            boolean whole) -> {
                double first = pairOf(fast, original), last = pairOf(slow, original);
                double from = Math.max(0, whole ? Math.floor(first) : first);
                double to = Math.min(width - 1, whole ? Math.ceil(last) : last);
                double divided = Math.clamp((pair - from) / Math.max(to - from, 1e-3), 0, 1);
                yield divided * frequency / factor + (1 - divided) * frequency;
            }
            case Scaling.LongRope(var shorter, var longer, double original, _) ->
                    frequency / (length > original ? longer : shorter).get(pair);
        };
    }

    private double plain(double base, int pair) {
        return Math.pow(base, -2.0 * pair / width);
    }

    /// Which pair, as a number between pairs, turns so often in so many positions.
    private double pairOf(double turns, double positions) {
        return width * Math.log(positions / (turns * 2 * Math.PI)) / (2 * Math.log(base));
    }
}
