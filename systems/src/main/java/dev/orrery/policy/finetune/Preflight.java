package dev.orrery.policy.finetune;

import dev.orrery.policy.Norms;
import dev.orrery.policy.Statistics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What was found out before an adaptation begins.
///
/// @param lines what to read, by subject
/// @param trained numbers that are trained
/// @param frozen numbers that are not
/// @param bytes memory that training takes, estimated
/// @param secondsPerStep one step, measured
public record Preflight(
        Map<String, String> lines, long trained, long frozen, long bytes, double secondsPerStep) {

    private static final double FAR = 10;

    /// Refuses a checkpoint's statistics that are of another size than the data.
    ///
    /// @throws IllegalArgumentException saying what to do
    public static void same(String feature, int own, int data) {
        if (own != data) {
            throw new IllegalArgumentException(
                    "the checkpoint's statistics are of %d %s dimensions, the data has %d; use --statistics data"
                            .formatted(own, feature, data));
        }
    }

    /// Warnings where one set of statistics would put another's data far out.
    public static List<String> far(
            String feature, Statistics data, Norms.Rule rule, Statistics used) {
        var warnings = new ArrayList<String>();
        for (int d = 0; d < data.dims(); d++) {
            double scale =
                    switch (rule) {
                        case MEAN_STD -> used.std()[d];
                        case QUANTILES -> (used.q99()[d] - used.q01()[d]) / 2;
                        case IDENTITY -> 1;
                    };
            double off = Math.abs(data.mean()[d] - used.mean()[d]) / Math.max(scale, 1e-9);
            double spread = data.std()[d] / Math.max(scale, 1e-9);
            if (off > FAR || spread > FAR) {
                warnings.add(
                        "%s:%d lies %.1f and spreads %.1f of the statistics' units; are these the robot's?"
                                .formatted(feature, d, off, spread));
            }
        }
        return warnings;
    }

    /// The numbers for a machine.
    public Map<String, Object> view() {
        var view = new LinkedHashMap<String, Object>(lines);
        view.put("trained", trained);
        view.put("frozen", frozen);
        view.put("memory_bytes", bytes);
        view.put("seconds_per_step", secondsPerStep);
        return view;
    }
}
