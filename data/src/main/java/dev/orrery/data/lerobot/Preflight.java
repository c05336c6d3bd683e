package dev.orrery.data.lerobot;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Looks at statistics before a policy is trained with them.
///
/// A dimension that hardly varies is blown up by normalisation: a spread of 1e-6 turns noise into
/// values in the thousands.
public final class Preflight {

    /// The spread from which a dimension counts as varying.
    public static final double LEAST_SPREAD = 1e-4;

    /// What one dimension becomes.
    ///
    /// @param name feature and dimension
    /// @param spread q99 - q01
    /// @param low the least value after mapping q01 to -1 and q99 to 1
    /// @param high the greatest value after that
    /// @param constant whether it hardly varies
    public record Dimension(
            String name, double spread, double low, double high, boolean constant) {}

    private Preflight() {}

    /// The dimensions of all features of floating-point numbers.
    public static List<Dimension> of(LeRobotDataset data) {
        var out = new ArrayList<Dimension>();
        for (var feature : data.features().values()) {
            var stats = data.stats().get(feature.name());
            boolean counts =
                    feature.dtype().isFloat() && !Feature.AUTOMATIC.contains(feature.name());
            if (!counts || stats == null || stats.dimensions() != feature.elements()) continue;
            var low = stats.quantile("exact_q01", stats.quantile("q01", stats.min()));
            var high = stats.quantile("exact_q99", stats.quantile("q99", stats.max()));
            for (int i = 0; i < stats.dimensions(); i++) {
                double spread = high[i] - low[i];
                out.add(
                        new Dimension(
                                feature.dimension(i),
                                spread,
                                2 * (stats.min()[i] - low[i]) / spread - 1,
                                2 * (stats.max()[i] - low[i]) / spread - 1,
                                !(spread >= LEAST_SPREAD)));
            }
        }
        return out;
    }

    /// Refuses statistics with dimensions that hardly vary, unless they are declared constant.
    ///
    /// @param constant names of dimensions that are meant to be constant, as [Dimension] has them
    /// @throws IllegalArgumentException naming the dimensions
    public static void check(LeRobotDataset data, Set<String> constant) {
        var bad =
                of(data).stream()
                        .filter(d -> d.constant() && !constant.contains(d.name()))
                        .toList();
        if (!bad.isEmpty()) {
            throw new IllegalArgumentException(
                    "these dimensions spread by less than %g: %s; declare them constant, or record data in which they move"
                            .formatted(
                                    LEAST_SPREAD,
                                    bad.stream()
                                            .map(d -> "%s (%g)".formatted(d.name(), d.spread()))
                                            .toList()));
        }
    }
}
