package dev.orrery.policy.finetune;

import dev.orrery.policy.Norms;
import dev.orrery.policy.Statistics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

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

    /// Dimensions declared constant, such as `state:3`.
    ///
    /// @throws IllegalArgumentException if one is not of that form or does not exist
    public static Set<Integer> constant(List<String> declared, String feature, int dims) {
        var constant = new TreeSet<Integer>();
        for (var one : declared) {
            if (!one.matches("(state|action):\\d{1,4}")) {
                throw new IllegalArgumentException(
                        "--constant %s: write state:N or action:N, N from 0".formatted(one));
            }
            int dim = Integer.parseInt(one.substring(one.indexOf(':') + 1));
            if (one.startsWith(feature + ":")) {
                if (dim >= dims) {
                    throw new IllegalArgumentException(
                            "--constant %s: the %s has %d dimensions, the last is %d"
                                    .formatted(one, feature, dims, dims - 1));
                }
                constant.add(dim);
            }
        }
        return constant;
    }

    /// Statistics that do not explode: dimensions that are declared constant get a spread of 1, and
    /// others that hardly move are refused.
    ///
    /// @throws IllegalArgumentException naming dimensions that hardly move, and what to do
    public static Statistics sound(Statistics found, String feature, Set<Integer> constant) {
        moving(found, feature, constant);
        double[] std = found.std(), q01 = found.q01(), q99 = found.q99();
        for (int d : constant) {
            std[d] = 1;
            q01[d] = found.mean()[d] - 1;
            q99[d] = found.mean()[d] + 1;
        }
        return Statistics.of(found.mean(), std, q01, q99);
    }

    /// Refuses dimensions that hardly move.
    ///
    /// @param harmless those of which that is known, or which are not scaled
    /// @throws IllegalArgumentException naming the others, and what to do
    public static void moving(Statistics found, String feature, Set<Integer> harmless) {
        try {
            found.preflight(feature, harmless);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    e.getMessage() + " (--constant %s:N)".formatted(feature), e);
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
