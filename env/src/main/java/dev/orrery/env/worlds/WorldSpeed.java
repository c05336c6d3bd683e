package dev.orrery.env.worlds;

import dev.orrery.env.Dice;
import dev.orrery.env.Rate;
import dev.orrery.env.WordEnv;
import dev.orrery.env.homegrid.HomeGrid;
import dev.orrery.env.homegrid.HomeGridConfig;
import dev.orrery.env.messenger.Messenger;
import dev.orrery.env.messenger.MessengerConfig;
import dev.orrery.env.platformer.Level;
import dev.orrery.env.platformer.Platformer;
import dev.orrery.env.platformer.PlatformerAction;

/// How fast the worlds run on one core under a random policy, resets included.
///
/// @param houseSymbols steps of HomeGrid a second, seen as numbers
/// @param housePixels steps of HomeGrid a second, seen as pictures of 64 x 64
/// @param messenger steps of Messenger's second stage a second, seen as numbers, without reading
/// @param platformer frames of the Platformer a second, drawn as palette indices
public record WorldSpeed(
        double houseSymbols, double housePixels, double messenger, double platformer) {

    /// What one core must reach.
    public static final double HOUSE_SYMBOLS = 200_000,
            HOUSE_PIXELS = 5_000,
            MESSENGER = 300_000,
            PLATFORMER = 20_000;

    private static final int STEPS = 20_000;

    /// Measures on the calling thread.
    ///
    /// @param seconds how long each of the four measurements takes, warm-up aside
    public static WorldSpeed measure(double seconds) {
        var house = new HomeGrid(HomeGridConfig.named("task"));
        var messenger = new Messenger(MessengerConfig.training(2));
        var symbols = new float[messenger.symbolCount()];
        return new WorldSpeed(
                Rate.best(seconds, () -> steps(house, STEPS, () -> house.symbols(symbols, 0))),
                Rate.best(seconds, () -> steps(house, STEPS / 20, house::picture)),
                Rate.best(
                        seconds,
                        () -> steps(messenger, STEPS, () -> messenger.symbols(symbols, 0))),
                Rate.best(seconds, WorldSpeed::frames));
    }

    /// Random steps that are not read away; the reading between them takes its time, too.
    private static <A> long steps(WordEnv<A> env, int steps, Runnable look) {
        var dice = new Dice(1);
        int size = env.actions().sizes()[0];
        env.begin(0);
        for (int done = 0, episode = 1; done < steps; ) {
            if (env.terminated() || env.truncated()) {
                env.begin(episode++);
            }
            env.advance(env.actions().at(dice.nextInt(size)));
            if (!env.reading()) {
                look.run();
                done++;
            }
        }
        return steps;
    }

    private static long frames() {
        var world = new Platformer();
        var frame = new byte[64 * 64];
        var dice = new Dice(2);
        var actions = PlatformerAction.values();
        world.begin(Level.of(0));
        for (int done = 0; done < STEPS / 10; done++) {
            if (world.terminated() || world.truncated()) {
                world.begin(Level.of(done));
            }
            world.advance(actions[dice.nextInt(actions.length)]);
            world.draw(frame, 0);
        }
        return STEPS / 10;
    }
}
