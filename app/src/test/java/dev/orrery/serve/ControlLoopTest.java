package dev.orrery.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.wire.Value.Fields;
import dev.orrery.data.wire.WireClient;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.policy.RealTimeExecutor;
import java.net.URI;
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
