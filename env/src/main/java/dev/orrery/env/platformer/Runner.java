package dev.orrery.env.platformer;

import dev.orrery.env.Demonstrator;
import dev.orrery.env.Dice;

/// Runs to the right and jumps in time: it tries a few simple plans in its head, such as running on
/// for up to three tiles and then jumping, and takes the first action of the one that gets
/// furthest.
public final class Runner implements Demonstrator<Platformer, PlatformerAction> {

    /// The usual share of random actions.
    public static final double NOISE = 0.15;

    /// Frames that a plan is followed, and most frames before its jump: three tiles at full speed.
    private static final int HORIZON = 20, AHEAD = 6;

    private final double noise;
    private final Dice dice;
    private final Platformer imagined = new Platformer();

    /// A runner that takes a random action with probability `noise`, drawn from `seed`.
    public Runner(double noise, long seed) {
        this.noise = noise;
        this.dice = Dice.of(seed, 5);
    }

    @Override
    public PlatformerAction act(Platformer env) {
        if (dice.chance(noise)) {
            var all = PlatformerAction.values();
            return all[dice.nextInt(all.length)];
        }
        var best = PlatformerAction.RIGHT;
        int furthest = reach(env, PlatformerAction.RIGHT, HORIZON);
        for (int before = AHEAD; before >= 0; before--) {
            for (var first :
                    new PlatformerAction[] {
                        PlatformerAction.RIGHT, PlatformerAction.IDLE, PlatformerAction.LEFT
                    }) {
                int reached = reach(env, first, before);
                if (reached > furthest) {
                    furthest = reached;
                    best = before > 0 ? first : PlatformerAction.JUMP_RIGHT;
                }
            }
        }
        return best;
    }

    /// How far one gets with an action for some frames and jumping to the right from then on; -1
    /// for one's death, and farther than anything with the coin.
    private int reach(Platformer env, PlatformerAction first, int before) {
        imagined.follow(env);
        for (int t = 0; t < HORIZON; t++) {
            double reward = imagined.advance(t < before ? first : PlatformerAction.JUMP_RIGHT);
            if (imagined.terminated()) {
                return reward > 0 ? Level.WIDTH + HORIZON - t : -1;
            }
            if (imagined.truncated()) {
                break;
            }
        }
        return imagined.playerBox().x();
    }
}
