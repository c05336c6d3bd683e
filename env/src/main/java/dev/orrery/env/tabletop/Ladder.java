package dev.orrery.env.tabletop;

import dev.orrery.env.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Whether a policy finds the test sets as hard as they are meant to be: L0 to L3 in this order, L4
/// harder than L0, and not everything equal.
///
/// @param ordered whether L0 ≥ L1 ≥ L2 ≥ L3 and L0 > L4 in mean success
/// @param tooEasy whether every set is solved as often as L0, so that the suite has to be hardened
/// @param objections which steps are out of order, in words
public record Ladder(boolean ordered, boolean tooEasy, List<String> objections) {

    public Ladder {
        objections = List.copyOf(objections);
    }

    /// Judges the success of one policy on each set.
    ///
    /// @throws IllegalArgumentException if one of L0 to L4 is missing
    public static Ladder of(Map<Split, Interval> success) {
        var steps = List.of(Split.L0, Split.L1, Split.L2, Split.L3, Split.L4);
        for (var split : steps) {
            if (!success.containsKey(split)) {
                throw new IllegalArgumentException(
                        "the order of difficulty needs %s; %s is missing".formatted(steps, split));
            }
        }
        var objections = new ArrayList<String>();
        for (int k = 1; k < 4; k++) {
            var easier = steps.get(k - 1);
            var harder = steps.get(k);
            if (success.get(easier).rate() < success.get(harder).rate()) {
                objections.add(
                        "%s %s is below %s %s"
                                .formatted(
                                        easier, success.get(easier), harder, success.get(harder)));
            }
        }
        double base = success.get(Split.L0).rate();
        if (base <= success.get(Split.L4).rate()) {
            objections.add(
                    "L0 %s is not above L4 %s"
                            .formatted(success.get(Split.L0), success.get(Split.L4)));
        }
        boolean equal = success.values().stream().allMatch(i -> i.rate() == base);
        return new Ladder(objections.isEmpty(), equal, objections);
    }
}
