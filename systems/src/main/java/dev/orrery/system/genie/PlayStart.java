package dev.orrery.system.genie;

import dev.orrery.env.Image;
import dev.orrery.env.platformer.Level;
import dev.orrery.env.platformer.Platformer;
import dev.orrery.env.platformer.Runner;
import dev.orrery.tensor.Seed;

/// A place in a simulated level that dreams begin from: one of the levels to measure on, after some
/// steps of the scripted runner.
///
/// @param level the level's seed
/// @param steps how far the runner got
public record PlayStart(long level, int steps) {

    private static final int EPISODES = 1_000, APART = 9;

    /// The n-th place for a run's data, on a level that nothing was learned from.
    static PlayStart of(Seed data, int n) {
        return new PlayStart(GenieData.level(data, EPISODES + n, 1), 2 + APART * n);
    }

    /// The world in this place.
    public Platformer world() {
        var world = new Platformer();
        world.begin(Level.of(level));
        var runner = new Runner(0, level);
        for (int t = 0; t < steps && !world.terminated(); t++) {
            var before = world.state();
            world.advance(runner.act(world));
            if (world.terminated()) {
                world.restore(before);
                return world;
            }
        }
        return world;
    }

    /// What it looks like at the size of a model's frames.
    Image picture(GenieConfig.Data config) {
        return GenieData.picture(world(), config);
    }
}
