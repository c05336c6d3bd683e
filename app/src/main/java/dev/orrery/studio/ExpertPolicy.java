package dev.orrery.studio;

import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Tabletop;
import java.util.ArrayList;
import java.util.function.Supplier;

/// The scripted expert. It looks at the true state, and foresees by trying on a copy of the table.
final class ExpertPolicy implements LivePolicy {

    static final PolicySource.Choice CHOICE =
            new PolicySource.Choice(
                    "expert", "Scripted expert", "knows the true state; what policies learn from");

    private static final int HORIZON = 8;

    private final Supplier<Tabletop> table;

    ExpertPolicy(Supplier<Tabletop> table) {
        this.table = table;
    }

    @Override
    public void reset(long seed) {}

    @Override
    public Decision decide(Observation observation) {
        var copy = table.get().fork();
        var chunk = new ArrayList<float[]>();
        for (int k = 0; k < HORIZON; k++) {
            var action = copy.expertAction();
            chunk.add(action);
            if (copy.step(action).last()) {
                break;
            }
        }
        return Decision.of(chunk);
    }
}
