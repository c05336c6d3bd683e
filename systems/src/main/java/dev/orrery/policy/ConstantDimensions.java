package dev.orrery.policy;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Dimensions of states and actions that are declared constant, such as `state:3`: dividing by
/// their spread would turn noise into huge values.
///
/// @param declared each of them
/// @param where what declares them, for messages: an option or a key
public record ConstantDimensions(List<String> declared, String where) {

    /// @throws IllegalArgumentException if one is not of that form
    public ConstantDimensions {
        declared = List.copyOf(declared);
        for (var one : declared) {
            if (!one.matches("(state|action):\\d{1,4}")) {
                throw new IllegalArgumentException(
                        "%s %s: write state:N or action:N, N from 0".formatted(where, one));
            }
        }
    }

    /// Those of a feature.
    ///
    /// @param feature `state` or `action`
    /// @param dims how many it has
    /// @throws IllegalArgumentException if one does not exist
    public Set<Integer> of(String feature, int dims) {
        var constant = new TreeSet<Integer>();
        for (var one : declared) {
            if (!one.startsWith(feature + ":")) continue;
            int dim = Integer.parseInt(one.substring(one.indexOf(':') + 1));
            if (dim >= dims) {
                throw new IllegalArgumentException(
                        "%s %s: the %s has %d dimensions, the last is %d"
                                .formatted(where, one, feature, dims, dims - 1));
            }
            constant.add(dim);
        }
        return constant;
    }

    /// Statistics that do not explode: dimensions that are declared constant get a spread of 1, and
    /// others that hardly move are refused.
    ///
    /// @throws IllegalArgumentException naming dimensions that hardly move, and what to do
    public Statistics sound(Statistics found, String feature) {
        var constant = of(feature, found.dims());
        moving(found, feature, constant);
        double[] mean = found.mean(), std = found.std(), q01 = found.q01(), q99 = found.q99();
        for (int d : constant) {
            std[d] = 1;
            q01[d] = mean[d] - 1;
            q99[d] = mean[d] + 1;
        }
        return Statistics.of(mean, std, q01, q99);
    }

    /// Refuses dimensions that hardly move.
    ///
    /// @param harmless those of which that is known, or which are not scaled
    /// @throws IllegalArgumentException naming the others, and what to do
    public void moving(Statistics found, String feature, Set<Integer> harmless) {
        try {
            found.preflight(feature, harmless);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "%s (%s %s:N)".formatted(e.getMessage(), where, feature), e);
        }
    }
}
