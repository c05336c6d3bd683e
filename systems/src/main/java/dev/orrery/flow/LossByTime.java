package dev.orrery.flow;

import java.util.Locale;
import java.util.stream.LongStream;

/// Training loss by tenths of flow time, beside what a network that always answers zero would have:
/// a curve that stays at that level has learned nothing, most often because of a sign, the
/// convention or a normaliser.
public final class LossByTime {

    private static final int TENTHS = 10;

    private final FlowPath path;
    private final double[] sums = new double[TENTHS], zero = new double[TENTHS];
    private final long[] counts = new long[TENTHS];

    public LossByTime(FlowPath path) {
        this.path = path;
    }

    /// The velocity loss of always answering zero: `alpha'² E x1² + sigma'²` at a time; 1 + Var(x1)
    /// on straight paths.
    ///
    /// @param dataSquare mean of `x1²`
    public static double ofZero(FlowPath path, double time, double dataSquare) {
        var c = path.at(time);
        return c.alphaRate() * c.alphaRate() * dataSquare + c.sigmaRate() * c.sigmaRate();
    }

    /// Adds a batch of per-sample velocity losses.
    ///
    /// @param times house times
    /// @param dataSquare mean of `x1²` of the batch
    public void add(double[] times, float[] losses, double dataSquare) {
        if (times.length != losses.length) {
            throw new IllegalArgumentException(
                    "%d losses at %d times".formatted(losses.length, times.length));
        }
        for (int i = 0; i < times.length; i++) {
            int tenth = Math.min(TENTHS - 1, (int) (times[i] * TENTHS));
            sums[tenth] += losses[i];
            zero[tenth] += ofZero(path, times[i], dataSquare);
            counts[tenth]++;
        }
    }

    /// Whether nothing was added, as where a training that had ended goes on.
    public boolean isEmpty() {
        return LongStream.of(counts).sum() == 0;
    }

    /// Mean loss in one tenth of time, 0 to 9; NaN if no sample fell there.
    public double mean(int tenth) {
        return sums[tenth] / counts[tenth];
    }

    /// The zero answer's mean loss over the same samples.
    public double meanOfZero(int tenth) {
        return zero[tenth] / counts[tenth];
    }

    /// Mean loss over all times as a share of the zero answer's; about 1 means nothing was learned.
    public double shareOfZero() {
        double loss = 0, of = 0;
        for (int k = 0; k < TENTHS; k++) {
            loss += sums[k];
            of += zero[k];
        }
        return loss / of;
    }

    /// One line: `loss by t: 0.0 1.21 (zero 2.0) | ...`.
    @Override
    public String toString() {
        var line = new StringBuilder("loss by t (zero answer):");
        for (int k = 0; k < TENTHS; k++) {
            line.append(
                    String.format(
                            Locale.ROOT,
                            " %.1f: %.3f (%.2f)",
                            k / (double) TENTHS,
                            mean(k),
                            meanOfZero(k)));
        }
        return line.toString();
    }
}
