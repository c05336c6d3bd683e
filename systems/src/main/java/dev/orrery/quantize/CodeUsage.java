package dev.orrery.quantize;

import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.util.Arrays;

/// How often each code of a codebook was chosen.
///
/// @param counts a number for each code
public record CodeUsage(long[] counts) {

    public CodeUsage {
        counts = counts.clone();
        if (counts.length == 0 || Arrays.stream(counts).anyMatch(c -> c < 0))
            throw new IllegalArgumentException("code usage needs a count from 0 up for each code");
    }

    /// Counts ids of any shape; -1, which stands for padding, is not counted.
    ///
    /// @param codes size of the codebook
    /// @throws IllegalArgumentException for an id that is not in it
    public static CodeUsage of(Tensor ids, int codes) {
        try (var _ = TensorScope.open()) {
            var counts = new long[codes];
            for (long id : ids.toLongs()) if (id != -1) counts[Codebook.checked(id, codes)]++;
            return new CodeUsage(counts);
        }
    }

    @Override
    public long[] counts() {
        return counts.clone();
    }

    /// Both together.
    public CodeUsage plus(CodeUsage other) {
        if (other.counts.length != counts.length)
            throw new IllegalArgumentException(
                    "usage of %d codes cannot be added to usage of %d"
                            .formatted(other.counts.length, counts.length));
        var sum = new long[counts.length];
        for (int i = 0; i < sum.length; i++) sum[i] = counts[i] + other.counts[i];
        return new CodeUsage(sum);
    }

    /// Size of the codebook.
    public int codes() {
        return counts.length;
    }

    /// How many vectors were counted.
    public long total() {
        return Arrays.stream(counts).sum();
    }

    /// How many codes were chosen at least once.
    public int used() {
        return (int) Arrays.stream(counts).filter(c -> c > 0).count();
    }

    /// Share of the codes that were chosen, from 0 to 1.
    public double usage() {
        return used() / (double) counts.length;
    }

    /// The code that was chosen most often, the first of several.
    public int most() {
        int most = 0;
        for (int i = 1; i < counts.length; i++) if (counts[i] > counts[most]) most = i;
        return most;
    }

    /// Share of the vectors that chose one code; 0 where nothing was counted.
    public double share(int code) {
        long total = total();
        return total == 0 ? 0 : counts[code] / (double) total;
    }

    /// Entropy of the shares in nats.
    public double entropy() {
        double total = total(), entropy = 0;
        for (long count : counts) if (count > 0) entropy -= count / total * Math.log(count / total);
        return entropy;
    }

    /// How many codes, all used alike, would have the same entropy: from 1 to the codebook's size,
    /// 1 too where nothing was counted.
    public double perplexity() {
        return Math.exp(entropy());
    }
}
