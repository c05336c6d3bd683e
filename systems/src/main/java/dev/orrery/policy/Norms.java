package dev.orrery.policy;

/// Statistics of states and actions, and what is done with them.
///
/// @param states in the data's units
/// @param stateRule how states become the network's
/// @param actions in the data's units
/// @param actionRule how actions become the network's
/// @param epsilon what is added to a deviation or range before dividing
public record Norms(
        Statistics states, Rule stateRule, Statistics actions, Rule actionRule, double epsilon) {

    /// How a feature's values become the network's.
    public enum Rule {
        /// Mean 0, standard deviation 1: π0.
        MEAN_STD,
        /// The 1 % quantile at -1, the 99 % quantile at 1: π0.5 and π0-FAST.
        QUANTILES,
        /// As they are.
        IDENTITY;

        Normalizer of(Statistics statistics, double epsilon) {
            return switch (this) {
                case MEAN_STD -> Normalizer.zScore(statistics, epsilon);
                case QUANTILES -> Normalizer.quantiles(statistics, epsilon);
                case IDENTITY -> Normalizer.identity(statistics.dims());
            };
        }
    }

    /// One rule for both, with openpi's epsilon.
    public static Norms of(Statistics states, Statistics actions, Rule rule) {
        return new Norms(states, rule, actions, rule, Normalizer.OPENPI_EPSILON);
    }

    /// For states.
    public Normalizer state() {
        return stateRule.of(states, epsilon);
    }

    /// For actions.
    public Normalizer action() {
        return actionRule.of(actions, epsilon);
    }
}
