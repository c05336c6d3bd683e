package dev.orrery.env.tabletop;

import dev.orrery.env.Rate;
import java.util.List;

/// How fast the suite runs on one core, as `orrery bench env` shows it.
///
/// @param expertSteps steps of expert and physics a second, without pictures
/// @param overheadFrames 64 x 64 pictures a second
/// @param wristFrames 32 x 32 pictures a second
/// @param observations complete observations a second: step, expert and both pictures
public record Speed(
        double expertSteps, double overheadFrames, double wristFrames, double observations) {

    /// What one core must reach.
    public static final double EXPERT_STEPS = 100_000, FRAMES = 10_000;

    /// Measures on the calling thread.
    ///
    /// @param seconds how long each of the four measurements takes, warm-up aside
    public static Speed measure(double seconds) {
        var demonstrations = Demonstrations.collect(Family.CORE, 4, 1, Demonstrations.NOISE);
        return new Speed(
                Rate.best(seconds, () -> steps(demonstrations)),
                Rate.best(seconds, () -> frames(demonstrations, true)),
                Rate.best(seconds, () -> frames(demonstrations, false)),
                Rate.best(seconds, Speed::episodes));
    }

    private static long steps(List<Demonstration> demonstrations) {
        long steps = 0;
        var w = new World();
        for (int repeat = 0; repeat < 20; repeat++) {
            for (var demonstration : demonstrations) {
                var task = demonstration.task();
                demonstration.restore(w, 0);
                steps +=
                        Trial.run(
                                        w,
                                        task,
                                        Arm.FOUR,
                                        Trial.expert(task, Arm.FOUR, 0, new dev.orrery.env.Dice(0)))
                                .steps();
            }
        }
        return steps;
    }

    private static long frames(List<Demonstration> demonstrations, boolean overhead) {
        var projector = new Projector();
        var rgb = new byte[Projector.OVERHEAD_BYTES];
        for (var demonstration : demonstrations) {
            for (int t = 0; t < demonstration.length(); t++) {
                if (overhead) {
                    projector.overhead(demonstration, t, rgb, 0);
                } else {
                    projector.wrist(demonstration, t, rgb, 0);
                }
            }
        }
        return Demonstrations.frames(demonstrations);
    }

    private static long episodes() {
        long steps = 0;
        var table = new Tabletop();
        for (long seed = 0; seed < 20; seed++) {
            table.reset(seed);
            for (boolean last = false; !last; steps++) {
                last = table.step(table.expertAction()).last();
            }
        }
        return steps;
    }
}
