package dev.orrery.policy;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Actions in the robot's units and as numbers from -1 to 1, by the bounds within which most of the
/// data lie.
///
/// Where the mask holds, `2 (a - q01) / (q99 - q01 + 1e-8) - 1`, clipped to [-1, 1]; elsewhere (a
/// gripper that is open or closed) the value as it is. Dimensions that never change become 0, and
/// their one value again.
///
/// Source: OpenVLA's `BOUNDS_Q99`, arXiv:2406.09246.
public final class ActionBounds {

    private static final double EPSILON = 1e-8, FAR = 2;
    private final double[] low, high, least, greatest;
    private final boolean[] mask;

    private ActionBounds(
            double[] low, double[] high, double[] least, double[] greatest, boolean[] mask) {
        this.low = low;
        this.high = high;
        this.least = least;
        this.greatest = greatest;
        this.mask = mask;
    }

    /// Bounds, one value a dimension.
    ///
    /// @param low the 1 % quantile
    /// @param high the 99 % quantile
    /// @param least the smallest value
    /// @param greatest the largest value
    /// @param mask which dimensions are scaled
    /// @throws IllegalArgumentException if lengths differ, or a bound is NaN or above its opposite
    public static ActionBounds of(
            double[] low, double[] high, double[] least, double[] greatest, boolean[] mask) {
        int dims = low.length;
        if (dims == 0
                || high.length != dims
                || least.length != dims
                || greatest.length != dims
                || mask.length != dims) {
            throw new IllegalArgumentException(
                    "action bounds: q01 has %d dimensions, q99 %d, min %d, max %d, mask %d; they must agree"
                            .formatted(
                                    dims, high.length, least.length, greatest.length, mask.length));
        }
        for (int d = 0; d < dims; d++) {
            if (!(low[d] <= high[d]) || !(least[d] <= greatest[d])) {
                throw new IllegalArgumentException(
                        "action bounds: dimension %d reaches from %s to %s (q01 to q99) and %s to %s (min to max); the first must not be above the second"
                                .formatted(d, low[d], high[d], least[d], greatest[d]));
            }
        }
        return new ActionBounds(
                low.clone(), high.clone(), least.clone(), greatest.clone(), mask.clone());
    }

    /// The bounds of data.
    ///
    /// @param rows one a frame, of equal length; at least one
    public static ActionBounds of(List<float[]> rows, boolean[] mask) {
        var quantiles = Statistics.of(rows);
        var least = new double[mask.length];
        var greatest = new double[mask.length];
        for (int d = 0; d < mask.length; d++) {
            int dim = d;
            var column = rows.stream().mapToDouble(row -> row[dim]).summaryStatistics();
            least[d] = column.getMin();
            greatest[d] = column.getMax();
        }
        return of(quantiles.q01(), quantiles.q99(), least, greatest, mask);
    }

    /// The same, with dimensions that never change: they have the middle of their values.
    public ActionBounds holding(Set<Integer> constant) {
        var held = new double[][] {low(), high(), least(), greatest()};
        for (int d : constant) {
            double middle = (least[d] + greatest[d]) / 2;
            for (var bound : held) bound[d] = middle;
        }
        return of(held[0], held[1], held[2], held[3], mask());
    }

    /// Bounds of which only the quantiles are known.
    public static ActionBounds of(double[] low, double[] high, boolean[] mask) {
        return of(low, high, low, high, mask);
    }

    /// The number of dimensions A.
    public int dims() {
        return low.length;
    }

    /// Numbers from -1 to 1; see the class.
    ///
    /// @throws IllegalArgumentException if the action has another number of dimensions
    public float[] normalise(float[] action) {
        check(action.length);
        var out = new float[action.length];
        for (int d = 0; d < out.length; d++) {
            double value =
                    mask[d]
                            ? Math.clamp(
                                    2 * (action[d] - low[d]) / (high[d] - low[d] + EPSILON) - 1,
                                    -1,
                                    1)
                            : action[d];
            out[d] = constant(d) ? 0 : (float) value;
        }
        return out;
    }

    private boolean constant(int d) {
        return least[d] == greatest[d];
    }

    /// The action in the robot's units: `(a + 1) / 2 · (q99 - q01) + q01` where the mask holds.
    ///
    /// A dimension that never changed has its one value, mask or not. The published code leaves it
    /// 0 outside the mask, which would half close a gripper that was always open.
    ///
    /// @throws IllegalArgumentException if there are not [#dims] numbers
    public double[] restore(double[] normalised) {
        check(normalised.length);
        var out = new double[normalised.length];
        for (int d = 0; d < out.length; d++) {
            double value =
                    mask[d]
                            ? 0.5 * (normalised[d] + 1) * (high[d] - low[d]) + low[d]
                            : normalised[d];
            out[d] = constant(d) ? least[d] : value;
        }
        return out;
    }

    /// Says which dimension of an action lies more than twice as far from the middle as its bound:
    /// the sign of statistics that belong to another robot.
    public Optional<String> far(double[] action) {
        check(action.length);
        for (int d = 0; d < action.length; d++) {
            double half = (high[d] - low[d]) / 2, middle = low[d] + half;
            boolean outside = mask[d] && Math.abs(action[d] - middle) > FAR * half + EPSILON;
            if (outside || !Double.isFinite(action[d])) {
                return Optional.of(
                        "dimension %d of an action is %s, the statistics reach from %s to %s; are they of another robot?"
                                .formatted(d, action[d], low[d], high[d]));
            }
        }
        return Optional.empty();
    }

    private void check(int length) {
        if (length != dims()) {
            throw new IllegalArgumentException(
                    "an action of %d values does not fit statistics of %d dimensions"
                            .formatted(length, dims()));
        }
    }

    /// The 1 % quantile of every dimension.
    public double[] low() {
        return low.clone();
    }

    /// The 99 % quantile of every dimension.
    public double[] high() {
        return high.clone();
    }

    /// The smallest value of every dimension.
    public double[] least() {
        return least.clone();
    }

    /// The largest value of every dimension.
    public double[] greatest() {
        return greatest.clone();
    }

    /// Which dimensions are scaled.
    public boolean[] mask() {
        return mask.clone();
    }

    @Override
    public String toString() {
        return "q01 %s, q99 %s, mask %s"
                .formatted(Arrays.toString(low), Arrays.toString(high), Arrays.toString(mask));
    }
}
