package dev.orrery.env.tabletop;

import dev.orrery.env.Dice;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Records the expert.
///
/// On 70 % of the episodes normal noise is added to the executed actions, while the stored action
/// stays the expert's clean one, so that a policy sees how to recover. Frames in which the expert
/// does nothing are left out; an episode stops two steps after success. Tasks, wordings and blocks
/// that [HeldOut] keeps never occur. Seeds are not negative, those of the test splits are.
public final class Demonstrations {

    /// Standard deviation of the usual noise, per action dimension.
    public static final double NOISE = .2;

    /// Share of the episodes that it disturbs.
    public static final double NOISY = .7;

    private static final int AFTERWARDS = 2, ATTEMPTS = 64;
    private static final float IDLE = .02f;

    private Demonstrations() {}

    /// Records `perFamily` successful episodes of each family, in that order, with an arm of four
    /// degrees of freedom ([Family#ALIGN]: seven).
    ///
    /// @param seed equal seeds record equal episodes
    /// @param noise standard deviation, 0 for none; usually [#NOISE]
    public static List<Demonstration> collect(
            List<Family> families, int perFamily, long seed, double noise) {
        return collect(families, perFamily, seed, noise, (_, _) -> {});
    }

    /// Hears how far a recording has come, one call at a time, on any thread. It may throw to break
    /// the recording off.
    @FunctionalInterface
    public interface Watcher {
        /// @param done episodes that are recorded
        /// @param total episodes that were asked for
        void recorded(int done, int total);
    }

    /// The same, watched.
    public static List<Demonstration> collect(
            List<Family> families, int perFamily, long seed, double noise, Watcher watcher) {
        int total = families.size() * perFamily;
        var done = new Counter(total, watcher);
        return IntStream.range(0, total)
                .parallel()
                .mapToObj(k -> {
                    var one = record(families.get(k / perFamily), k % perFamily, seed, noise);
                    done.add();
                    return one;
                })
                .toList();
    }

    private static final class Counter {
        private final int total;
        private final Watcher watcher;
        private int done;

        Counter(int total, Watcher watcher) {
            this.total = total;
            this.watcher = watcher;
        }

        synchronized void add() {
            watcher.recorded(++done, total);
        }
    }

    /// The number of frames of them all.
    public static int frames(List<Demonstration> demonstrations) {
        return demonstrations.stream().mapToInt(Demonstration::length).sum();
    }

    private static Demonstration record(Family family, int k, long seed, double noise) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            long purpose = ((long) family.ordinal() << 40) + ((long) k << 8) + attempt;
            var dice = Dice.of(seed, purpose);
            var start = Start.training(family, dice.nextLong() >>> 1);
            var arm = family == Family.ALIGN ? Arm.SEVEN : Arm.FOUR;
            var recorded = record(start, arm, dice.chance(NOISY) ? noise : 0, dice);
            if (recorded.isPresent()) {
                return recorded.get();
            }
        }
        throw new IllegalStateException(
                "the expert failed at %s %d times in a row; is the noise of %s too strong?"
                        .formatted(family, ATTEMPTS, noise));
    }

    /// Records one episode; empty if the expert did not reach the goal in time.
    static Optional<Demonstration> record(Start start, Arm arm, double noise, Dice dice) {
        var w = new World();
        start.lay(w, arm);
        int limit = start.task().family().limit();
        var recording = new Demonstration.Recording(w, arm, limit + AFTERWARDS);
        var progress = new Progress(start.task());
        float[] clean = new float[arm.actionSize()], done = new float[clean.length];
        float[] wide = new float[5];
        int left = AFTERWARDS, successAt = -1;
        for (int t = 0; t < limit + AFTERWARDS && left > 0; t++) {
            arm.expert(w, start.task(), wide, clean, 0);
            if (!idle(w, clean)) {
                recording.add(w, clean);
            }
            left -= successAt >= 0 ? 1 : 0;
            for (int i = 0; i < done.length; i++) {
                done[i] = noise == 0 ? clean[i] : (float) (clean[i] + noise * dice.nextGaussian());
            }
            arm.move(w, done);
            if (successAt < 0 && progress.advance(w)) {
                successAt = recording.length() - 1;
            }
            if (successAt < 0 && t >= limit - 1) {
                return Optional.empty();
            }
        }
        return successAt < 0
                ? Optional.empty()
                : Optional.of(recording.end(start, noise > 0, successAt));
    }

    private static boolean idle(World w, float[] action) {
        for (int i = 0; i < action.length - 1; i++) {
            if (Math.abs(action[i]) > IDLE) {
                return false;
            }
        }
        return action[action.length - 1] > 0 == w.closed;
    }
}
