package dev.orrery.studio;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LatencyTest {

    @Test
    void quantilesAreThoseOfTheNewest() {
        var latency = new Latency();
        assertThat(latency.view()).isEmpty();
        for (int i = 1; i <= 100; i++) {
            latency.add(i);
        }
        assertThat(latency.view())
                .containsEntry("last", 100.)
                .containsEntry("p50", 50.)
                .containsEntry("p95", 95.);
        for (int i = 0; i < 256; i++) {
            latency.add(7);
        }
        assertThat(latency.quantile(1)).isEqualTo(7);
        latency.clear();
        assertThat(latency.quantile(.5)).isZero();
    }
}
