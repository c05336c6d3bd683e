package dev.orrery.flow;

import dev.orrery.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Optional;

/// A look at training data before it is used.
///
/// @param meanMagnitude mean of `|x1|`
/// @param variance mean of `x1²`
public record DataCheck(double meanMagnitude, double variance) {

    private static final double LARGE = 20;

    /// Measures a batch `(B, ..., D)`; the last axis is taken as the features.
    ///
    /// @throws IllegalArgumentException if a value is not finite, naming the features
    public static DataCheck of(Tensor data) {
        double square = data.square().mean().item();
        if (!Double.isFinite(square)) requireFinite(data);
        return new DataCheck(data.abs().mean().item(), square);
    }

    /// Refuses data with NaN or infinite values, naming each feature and how many it has. One sum
    /// when all is well.
    public static void requireFinite(Tensor data) {
        if (Double.isFinite(data.sum().item())) return;
        var values = data.toDoubles();
        int features = (int) data.size(-1);
        int[] nan = new int[features], infinite = new int[features];
        for (int i = 0; i < values.length; i++) {
            if (Double.isNaN(values[i])) nan[i % features]++;
            else if (Double.isInfinite(values[i])) infinite[i % features]++;
        }
        var found = new ArrayList<String>();
        for (int f = 0; f < features; f++) {
            if (nan[f] > 0) found.add("feature %d has %d NaN".formatted(f, nan[f]));
            if (infinite[f] > 0) {
                found.add("feature %d has %d infinite values".formatted(f, infinite[f]));
            }
        }
        if (found.isEmpty()) return;
        throw new IllegalArgumentException(
                "flow matching data is not finite: %s in batch of shape %s; repair or drop them"
                        .formatted(String.join(", ", found), Arrays.toString(data.shape())));
    }

    /// Says so when the data look as if nobody had normalised them.
    public Optional<String> warning() {
        return meanMagnitude > LARGE
                ? Optional.of(
                        ("data not normalised: mean |x1| is %.1f while the noise has deviation 1;"
                                        + " scale the data to about unit deviation")
                                .formatted(meanMagnitude))
                : Optional.empty();
    }
}
