package dev.orrery.data.lerobot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SpeedTest {

    @Test
    @Tag("slow")
    void everyItemIsMeasured() {
        var speed = Speed.measure(0.01);
        assertThat(speed.written()).isBetween(1.0, 1e7);
        assertThat(speed.read()).isBetween(1.0, 1e7);
        assertThat(speed.windowMillis()).isBetween(0.001, 1e5);
        assertThat(speed.openSeconds()).isBetween(0.001, 100.0);
    }
}
