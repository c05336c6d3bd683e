package dev.orrery.system.rt2;

import java.util.ArrayList;
import java.util.List;

/// Values as integers from 0 to 255, dimension by dimension, and back.
///
/// `b = round((a - low) / (high - low) · 255)`, halves upwards; `a = low + (high - low) · b / 255`.
/// The paper says uniform bins within bounds; the rounding is ours. What is read differs from what
/// was written by at most (high - low) / 510. Values outside the bounds are clipped and counted.
///
/// @param low the lowest value of each dimension
/// @param high the highest
record ActionBins(List<Double> low, List<Double> high) {

    /// Integers a dimension.
    static final int COUNT = 256;

    ActionBins {
        low = List.copyOf(low);
        high = List.copyOf(high);
        if (low.isEmpty() || low.size() != high.size()) {
            throw new IllegalArgumentException(
                    "action bounds: %d lowest and %d highest values; give one of each a dimension"
                            .formatted(low.size(), high.size()));
        }
        for (int d = 0; d < low.size(); d++) {
            if (!(low.get(d) < high.get(d))
                    || Double.isInfinite(low.get(d))
                    || Double.isInfinite(high.get(d))) {
                throw new IllegalArgumentException(
                        "action bounds: dimension %d reaches from %s to %s; the first must be a number below the second"
                                .formatted(d, low.get(d), high.get(d)));
            }
        }
    }

    /// The number of dimensions A.
    int dims() {
        return low.size();
    }

    /// An action as integers.
    ///
    /// @param bins A integers from 0 to 255
    /// @param clipped how many values lay outside their bounds
    record Written(int[] bins, int clipped) {}

    /// @throws IllegalArgumentException if there are not A values, or one is NaN
    Written write(float[] action) {
        check(action.length, "values");
        var bins = new int[action.length];
        int clipped = 0;
        for (int d = 0; d < bins.length; d++) {
            double from = low.get(d), to = high.get(d);
            if (Float.isNaN(action[d])) {
                throw new IllegalArgumentException(
                        "action bins: dimension %d of an action is NaN; repair the data first"
                                .formatted(d));
            }
            clipped += action[d] < from || action[d] > to ? 1 : 0;
            double inside = Math.clamp((action[d] - from) / (to - from), 0, 1);
            bins[d] = (int) Math.floor(inside * (COUNT - 1) + .5);
        }
        return new Written(bins, clipped);
    }

    /// @throws IllegalArgumentException if there are not A integers, or one is not in 0 to 255
    float[] read(int[] bins) {
        check(bins.length, "integers");
        var action = new float[bins.length];
        for (int d = 0; d < bins.length; d++) {
            if (bins[d] < 0 || bins[d] >= COUNT) {
                throw new IllegalArgumentException(
                        "action bins: %d is not in 0 to %d".formatted(bins[d], COUNT - 1));
            }
            double from = low.get(d), to = high.get(d);
            action[d] = (float) (from + (to - from) * bins[d] / (COUNT - 1));
        }
        return action;
    }

    private void check(int length, String what) {
        if (length != dims()) {
            throw new IllegalArgumentException(
                    "action bins: an action of %d %s, the bounds have %d dimensions; set model.actions to what the robot does"
                            .formatted(length, what, dims()));
        }
    }

    /// Reads K actions that stand one after the other.
    List<float[]> chunk(int[] integers) {
        var actions = new ArrayList<float[]>();
        for (int at = 0; at < integers.length; at += dims()) {
            actions.add(
                    read(
                            java.util.Arrays.copyOfRange(
                                    integers, at, Math.min(integers.length, at + dims()))));
        }
        return actions;
    }
}
