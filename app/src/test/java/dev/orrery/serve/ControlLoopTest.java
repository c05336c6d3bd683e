package dev.orrery.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.wire.Value.Fields;
import dev.orrery.data.wire.WireClient;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.RealTimeExecutor;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ControlLoopTest {

    @Test
    void aRobotIsControlledOverASocketAtItsPace() {
        var policy = new ServedPolicy(true);
        var robot = Robot.tabletop();
        var service = PolicyService.of(robot, Fields.empty(), 7, policy::ready);
        try (var server = WireServer.start(service, ServeOptions.local(0));
                var remote =
                        RemotePolicy.connect(
                                URI.create(server.address()),
                                robot.keys(),
                                WireClient.Options.USUAL);
                var executor = new RealTimeExecutor(remote, 3, 1)) {
            long start = System.nanoTime();
            var pace = new ControlLoop.Pace(50, 100);
            var outcome = ControlLoop.run(executor, new Tabletop(), pace, 3);
            assertThat(System.nanoTime() - start).isGreaterThan(1_900_000_000);
            assertThat(outcome.jitter().late()).hasSize(100);
            assertThat(outcome.jitter().quantile(.5)).isBetween(0.0, 20.0);
            assertThat(outcome.episodes()).isPositive();
            assertThat(policy.passes).as("a chunk serves two ticks").hasSizeBetween(45, 60);
        }
        assertThatThrownBy(() -> new ControlLoop.Pace(0, 5)).hasMessageContaining("1 to 1000 Hz");
    }

    /// A clock that comes back too late by as much as it is told, in milliseconds.
    private static final class Late implements ControlLoop.Clock {
        private final double[] late;
        private final List<Long> waited = new ArrayList<>();
        private long now;

        Late(double... late) {
            this.late = late;
        }

        @Override
        public long now() {
            return now;
        }

        @Override
        public void await(long due) {
            waited.add(due / 1_000_000);
            now = Math.max(now, due) + (long) (1e6 * late[waited.size() - 1]);
        }
    }

    @Test
    void aTickLateByAPeriodIsMissedAndTheClockStartsAnew() {
        ChunkPolicy still = (_, _) -> new float[8][4];
        var clock = new Late(0, 5, 0, 19.9, 20, 0, 45, 1);
        try (var executor = new RealTimeExecutor(still, 8, 1)) {
            var pace = new ControlLoop.Pace(50, clock.late.length);
            var outcome = ControlLoop.run(executor, new Tabletop(), pace, 3, clock);
            assertThat(clock.waited)
                    .as("20 ms apart, counted anew from a missed tick")
                    .containsExactly(0L, 20L, 40L, 60L, 80L, 120L, 140L, 205L);
            assertThat(outcome.missed()).isEqualTo(2);
            assertThat(outcome.jitter().late()).containsExactly(0, 0, 0, 1, 5, 19.9, 20, 45);
            assertThat(outcome.episodes()).isZero();
        }
    }

    @Test
    void chunksAreAskedForEarlyEnoughAndNeverLaterThanTheyLast() {
        // 22 ms at 50 Hz are two ticks, and one to spare
        assertThat(ChunkPlan.of(8, 2, 22, 50)).isEqualTo(new ChunkPlan(6, 3, false));
        assertThat(ChunkPlan.of(8, 8, 22, 50)).isEqualTo(new ChunkPlan(8, 3, false));
        assertThat(ChunkPlan.of(8, 2, 888, 50)).isEqualTo(new ChunkPlan(8, 4, true));
        assertThat(ChunkPlan.of(2, 1, 0, 10)).isEqualTo(new ChunkPlan(2, 1, false));
        assertThat(ChunkPlan.of(1, 1, 5, 10))
                .as("one action a chunk")
                .isEqualTo(new ChunkPlan(1, 0, true));
        for (int horizon = 1; horizon < 20; horizon++) {
            for (double millis : new double[] {0, 1, 30, 1e6}) {
                var plan = ChunkPlan.of(horizon, Math.min(3, horizon), millis, 50);
                assertThat(plan.delay()).isLessThan(plan.execute());
                assertThat(plan.execute()).isLessThanOrEqualTo(horizon);
            }
        }
        assertThatThrownBy(() -> ChunkPlan.of(0, 1, 5, 10))
                .hasMessageContaining("at least 1 action");
        assertThatThrownBy(() -> ChunkPlan.of(4, 1, Double.NaN, 10)).hasMessageContaining("NaN ms");
    }

    @Test
    void jitterIsCountedInBarsThatDouble() {
        var jitter = new Jitter(new double[] {.05, .15, .15, .3, 500});
        assertThat(jitter.bars())
                .startsWith(
                        new Jitter.Bar(0, .1, 1),
                        new Jitter.Bar(.1, .2, 2),
                        new Jitter.Bar(.2, .4, 1))
                .last()
                .isEqualTo(new Jitter.Bar(102.4, Double.POSITIVE_INFINITY, 1));
        assertThat(jitter.quantile(.5)).isEqualTo(.15);
        assertThat(jitter.quantile(1)).isEqualTo(500);
        assertThat(jitter.text()).contains("102.4 ms and more", "worst 500.00");
        assertThatThrownBy(() -> new Jitter(new double[0])).hasMessageContaining("at least one");
    }
}
