package dev.orrery.system.dynalang;

import dev.orrery.run.Report;
import dev.orrery.tensor.Seed;

/// Measures an agent in worlds that training has not seen: mean return and outcomes of the first
/// episodes of every lane, the same number in each, so that short episodes do not count more.
final class Exam {

    private static final int LANES = 16;

    private Exam() {}

    static Report of(Dynalang model, DynalangConfig config, long seed) {
        int lanes = Math.min(LANES, config.evaluation().episodes());
        int each = (config.evaluation().episodes() + lanes - 1) / lanes;
        var stage = Stage.open(config.world(), lanes, seed);
        var player = new Player(model, lanes);
        var scores = new Scores(lanes);
        var left = new int[lanes];
        java.util.Arrays.fill(left, each);
        scores.add(stage, _ -> true);
        for (long t = 0; scores.count() < each * lanes; t++) {
            stage.step(player.act(stage, Seed.of(seed).split(t)));
            scores.add(stage, n -> left[n]-- > 0);
        }
        player.close();
        return scores.means(0).with("episodes", scores.count());
    }
}
