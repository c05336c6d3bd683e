package dev.orrery.serve;

import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.policy.RealTimeExecutor;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/// A robot's control loop, on the tabletop: at every tick an action, whether or not the policy is
/// quick.
///
/// At tick k, due at `k / hertz` seconds, the loop hands the robot an action for the observation of
/// the tick before, and is late by as much as that takes after the tick is due: chunks come from a
/// policy over the network, the next while the present one is executed. A tick that is late by a
/// whole period is counted as missed, and the clock starts anew, as a robot's would.
public final class ControlLoop {

    private static final long SPIN = 200_000;

    private ControlLoop() {}

    /// How long and how quick.
    ///
    /// @param hertz ticks a second
    /// @param ticks how many
    public record Pace(double hertz, int ticks) {
        public Pace {
            if (!(hertz >= 1 && hertz <= 1000) || ticks < 1) {
                throw new IllegalArgumentException(
                        "a control loop of %d ticks at %s Hz; use at least 1 tick at 1 to 1000 Hz"
                                .formatted(ticks, hertz));
            }
        }
    }

    /// What came of it.
    ///
    /// @param jitter how late actions were
    /// @param missed ticks late by a period or more
    /// @param waits how often the next chunk was not there when it was needed
    /// @param episodes episodes that ended
    /// @param successes how many of them in success
    public record Outcome(Jitter jitter, int missed, int waits, int episodes, int successes) {}

    /// What tells the time, and waits for it.
    interface Clock {

        /// Nanoseconds since some moment.
        long now();

        /// Comes back when it is that time, or at once if that was before.
        void await(long due);

        /// This machine's.
        Clock REAL =
                new Clock() {
                    @Override
                    public long now() {
                        return System.nanoTime();
                    }

                    @Override
                    public void await(long due) {
                        waitUntil(due);
                    }
                };
    }

    /// Runs the loop.
    ///
    /// @param seed of the first episode
    public static Outcome run(RealTimeExecutor executor, Tabletop table, Pace pace, long seed) {
        return run(executor, table, pace, seed, Clock.REAL);
    }

    static Outcome run(
            RealTimeExecutor executor, Tabletop table, Pace pace, long seed, Clock clock) {
        long period = (long) (1e9 / pace.hertz());
        var late = new double[pace.ticks()];
        int missed = 0, waits = 0, episodes = 0, successes = 0;
        executor.reset(seed);
        var seen = table.reset(seed);
        // A robot stands still until an episode's first chunk is there.
        var first = Optional.of(executor.act(seen));
        long due = clock.now();
        for (int tick = 0; tick < pace.ticks(); tick++) {
            clock.await(due);
            var action = first.isPresent() ? first.get() : executor.act(seen);
            first = Optional.empty();
            long delay = clock.now() - due;
            late[tick] = delay / 1e6;
            var step = table.step(action);
            seen = step.observation();
            if (step.last()) {
                episodes++;
                successes += table.success() ? 1 : 0;
                waits += executor.late();
                executor.reset(seed + episodes);
                seen = table.reset(seed + episodes);
                first = Optional.of(executor.act(seen));
                due = clock.now();
            } else if (delay >= period) {
                missed++;
                due = clock.now();
            }
            due += period;
        }
        return new Outcome(new Jitter(late), missed, waits + executor.late(), episodes, successes);
    }

    /// Sleeps, then spins for the last fifth of a millisecond: sleeping alone wakes up late.
    private static void waitUntil(long due) {
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            if (left > SPIN) {
                LockSupport.parkNanos(left - SPIN);
            } else {
                Thread.onSpinWait();
            }
        }
    }
}
