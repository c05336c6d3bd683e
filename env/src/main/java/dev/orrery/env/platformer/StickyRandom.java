package dev.orrery.env.platformer;

import dev.orrery.env.Dice;
import dev.orrery.env.Observation;
import dev.orrery.env.Policy;

/// Keeps its action with probability 0.75, else draws a new one: the usual way to collect random
/// data in such worlds.
public final class StickyRandom implements Policy<PlatformerAction> {

    private static final double KEEP = 0.75;

    private Dice dice = new Dice(0);
    private PlatformerAction action = PlatformerAction.IDLE;

    @Override
    public void reset(long seed) {
        dice = Dice.of(seed, 3);
        action = draw();
    }

    @Override
    public PlatformerAction act(Observation observation) {
        if (!dice.chance(KEEP)) {
            action = draw();
        }
        return action;
    }

    private PlatformerAction draw() {
        var all = PlatformerAction.values();
        return all[dice.nextInt(all.length)];
    }
}
