package dev.orrery.adapter;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;

/// Finds the best learning rate of a way to train, and what happens below and above it. Rates lie
/// an octave apart.
///
/// The rates around a first guess are tried, the window is moved until the best one lies at its
/// mark, and no rate is tried twice. The choice is made by validation errors; what is reported
/// beside them plays no part.
public final class RateSweep {

    /// Multiples of the best rate that are tried: ¼ to 16.
    public static final List<Double> MULTIPLES = List.of(.25, .5, 1., 2., 4., 8., 16.);

    private static final int BELOW = 2, ABOVE = 4, FARTHEST = 12;

    /// What one training showed.
    ///
    /// @param validation what the rate is chosen by; smaller is better
    /// @param test what is told
    public record Outcome(double validation, double test) {}

    /// One training.
    public interface Trial {

        /// @param rate the learning rate
        Outcome at(double rate);
    }

    private final double guess;
    private final SequencedMap<Integer, Outcome> tried;
    private final int best;

    private RateSweep(double guess, SequencedMap<Integer, Outcome> tried, int best) {
        this.guess = guess;
        this.tried = tried;
        this.best = best;
    }

    /// Tries rates until the best one, and all of [#MULTIPLES] around it, are known.
    ///
    /// @param guess where to begin; at most twelve octaves away from it are looked at
    public static RateSweep around(double guess, Trial trial) {
        return around(guess, BELOW, ABOVE, trial);
    }

    /// As [#around], only until the best rate is known to be better than the next ones.
    public static RateSweep best(double guess, Trial trial) {
        return around(guess, 1, 1, trial);
    }

    private static RateSweep around(double guess, int below, int above, Trial trial) {
        var tried = new TreeMap<Integer, Outcome>();
        int mark = 0;
        while (true) {
            for (int octave = mark - below; octave <= mark + above; octave++) {
                int k = octave;
                tried.computeIfAbsent(k, _ -> trial.at(guess * Math.pow(2, k)));
            }
            int best = best(tried);
            if (best == mark || Math.abs(best) > FARTHEST) {
                return new RateSweep(guess, tried, mark);
            }
            mark = best;
        }
    }

    private static int best(TreeMap<Integer, Outcome> tried) {
        int best = tried.firstKey();
        for (var entry : tried.entrySet()) {
            if (entry.getValue().validation() < tried.get(best).validation()) best = entry.getKey();
        }
        return best;
    }

    /// The best rate.
    public double rate() {
        return guess * Math.pow(2, best);
    }

    /// How many trainings it took.
    public int trials() {
        return tried.size();
    }

    /// The test error at a multiple of the best rate.
    ///
    /// @param multiple one of [#MULTIPLES] that was tried
    public double test(double multiple) {
        return tried.get(octave(multiple)).test();
    }

    /// Test errors by multiples of the best rate, of [#MULTIPLES] those that were tried.
    public SequencedMap<Double, Double> tests() {
        var tests = new LinkedHashMap<Double, Double>();
        for (double multiple : MULTIPLES) {
            if (tried.containsKey(octave(multiple))) tests.put(multiple, test(multiple));
        }
        return tests;
    }

    private int octave(double multiple) {
        return best + (int) Math.round(Math.log(multiple) / Math.log(2));
    }

    /// Octaves of learning rate around the best one in which the test error stays within a factor
    /// of its smallest, as straight lines between the logarithms of what was tried say; where the
    /// window ends first, up to there.
    ///
    /// @param factor such as 1.1
    public double width(double factor) {
        var octaves = new ArrayList<>(tried.keySet());
        int least = best;
        for (int k : octaves) if (tried.get(k).test() < tried.get(least).test()) least = k;
        double limit = tried.get(least).test() * factor;
        return reach(least, 1, limit) + reach(least, -1, limit);
    }

    private double reach(int from, int step, double limit) {
        double reached = 0;
        for (int k = from; tried.containsKey(k + step); k += step) {
            double here = tried.get(k).test(), next = tried.get(k + step).test();
            if (next > limit) {
                return reached
                        + (Math.log(limit) - Math.log(here)) / (Math.log(next) - Math.log(here));
            }
            reached++;
        }
        return reached;
    }
}
