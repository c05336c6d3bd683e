package dev.orrery.env;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTest {

    private static final List<String> KNOWN = List.of("flow-matching", "pi0", "lora", "delora");

    @Test
    void findsWhatWasMeant() {
        assertThat(Nearest.to("flow_matching", KNOWN)).hasValue("flow-matching");
        assertThat(Nearest.to("flow", KNOWN)).hasValue("flow-matching");
        assertThat(Nearest.to("p0", KNOWN)).hasValue("pi0");
        assertThat(Nearest.to("loar", KNOWN)).hasValue("lora");
    }

    @Test
    void saysNothingWhenNothingIsNear() {
        assertThat(Nearest.to("zebra", KNOWN)).isEmpty();
        assertThat(Nearest.hint("zebra", KNOWN)).startsWith("known: flow-matching");
    }

    @Test
    void swappingNeighboursIsOneEdit() {
        assertThat(Nearest.distance("trian", "train")).isEqualTo(1);
        assertThat(Nearest.distance("", "abc")).isEqualTo(3);
    }
}
