package dev.orrery.fidelity;

import java.util.Arrays;

/// How often each of some labels met each of some codes, and what one says about the other.
/// Logarithms are natural.
public final class Contingency {

    private final long[][] counts;

    /// Without any pair yet.
    ///
    /// @throws IllegalArgumentException without labels or codes
    public Contingency(int labels, int codes) {
        if (labels < 1 || codes < 1) {
            throw new IllegalArgumentException(
                    "%d labels and %d codes; use at least 1 of each".formatted(labels, codes));
        }
        counts = new long[labels][codes];
    }

    /// Counts one pair.
    ///
    /// @throws IllegalArgumentException if label or code is out of range
    public void add(int label, int code) {
        if (label < 0 || label >= counts.length || code < 0 || code >= counts[0].length) {
            throw new IllegalArgumentException(
                    "pair of label %d and code %d; they go from 0 to %d and %d"
                            .formatted(label, code, counts.length - 1, counts[0].length - 1));
        }
        counts[label][code]++;
    }

    /// How often a label met a code.
    public long count(int label, int code) {
        return counts[label][code];
    }

    /// How many pairs were counted.
    public long total() {
        return Arrays.stream(labels()).sum();
    }

    /// How often each label occurred.
    public long[] labels() {
        return Arrays.stream(counts).mapToLong(row -> Arrays.stream(row).sum()).toArray();
    }

    /// How often each code occurred.
    public long[] codes() {
        var sums = new long[counts[0].length];
        for (var row : counts) {
            for (int code = 0; code < sums.length; code++) {
                sums[code] += row[code];
            }
        }
        return sums;
    }

    /// For each label the code that it met most, the lower of equals; 0 for a label that never
    /// occurred.
    public int[] codeOfLabel() {
        return Arrays.stream(counts).mapToInt(Contingency::largest).toArray();
    }

    /// For each code the label that it met most, the lower of equals; for a code that never
    /// occurred the most frequent label.
    public int[] labelOfCode() {
        int usual = largest(labels());
        var codes = codes();
        var best = new int[codes.length];
        for (int code = 0; code < best.length; code++) {
            var column = new long[counts.length];
            for (int label = 0; label < column.length; label++) {
                column[label] = counts[label][code];
            }
            best[code] = codes[code] == 0 ? usual : largest(column);
        }
        return best;
    }

    private static int largest(long[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }

    /// Entropy of a distribution given by counts, in nats.
    public static double entropy(long[] counts) {
        double total = Arrays.stream(counts).sum(), sum = 0;
        for (long count : counts) {
            if (count > 0) {
                sum -= count / total * Math.log(count / total);
            }
        }
        return sum;
    }

    /// Mutual information of labels and codes, in nats.
    public double mutualInformation() {
        double total = total(), sum = 0;
        var labels = labels();
        var codes = codes();
        for (int label = 0; label < labels.length; label++) {
            for (int code = 0; code < codes.length; code++) {
                double count = counts[label][code];
                if (count > 0) {
                    sum += count / total * Math.log(count * total / labels[label] / codes[code]);
                }
            }
        }
        return Math.max(0, sum);
    }

    /// Mutual information over the mean of both entropies, 0 to 1; 0 if neither varies.
    public double normalisedMutualInformation() {
        double mean = (entropy(labels()) + entropy(codes())) / 2;
        return mean == 0 ? 0 : mutualInformation() / mean;
    }

    /// How many codes take more than this share of all pairs.
    public int codesAbove(double share) {
        double total = total();
        return (int) Arrays.stream(codes()).filter(count -> count > share * total).count();
    }
}
