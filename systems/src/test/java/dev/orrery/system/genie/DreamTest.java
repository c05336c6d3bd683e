package dev.orrery.system.genie;

import static dev.orrery.system.genie.TinyGenie.SIDE;
import static dev.orrery.system.genie.TinyGenie.genie;
import static dev.orrery.system.genie.TinyGenie.prompt;
import static dev.orrery.system.genie.TinyGenie.tiny;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.env.Image;
import dev.orrery.system.genie.GenieConfig.Order;
import dev.orrery.tensor.TensorScope;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DreamTest {

    private TensorScope scope;

    @BeforeEach
    void open() {
        scope = TensorScope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void aDreamIsRepeatedBitForBit() {
        var genie = genie(tiny());
        var sampler = new MaskGitSampler(3, 1, Order.RANDOM);
        try (var dream = Dream.begin(genie, List.of(prompt(SIDE)), 5)) {
            var first = new java.util.ArrayList<Image>();
            for (int t = 0; t < 7; t++) {
                first.add(dream.step(t % 3, sampler));
            }
            assertThat(first.stream().distinct().count()).isGreaterThan(3);
            try (var again = Dream.replay(genie, dream.trajectory())) {
                assertThat(again.picture()).isEqualTo(first.getLast());
            }
            dream.reset();
            assertThat(dream.length()).isZero();
            for (int t = 0; t < 7; t++) {
                assertThat(dream.step(t % 3, sampler)).isEqualTo(first.get(t));
            }
            var forged =
                    new Dream.Trajectory(
                            5,
                            dream.trajectory().prompt(),
                            List.of(new Dream.Act(1, sampler)),
                            List.of(new long[] {0, 0, 0, 13}));
            assertThatThrownBy(() -> Dream.replay(genie, forged))
                    .hasMessageContaining("frame 1 of the trajectory comes out otherwise");
        }
    }

    @Test
    void aSeedAndAnActionChangeADream() {
        var genie = genie(tiny());
        var pictures = new java.util.HashSet<Image>();
        boolean obeyed = false;
        for (long seed = 0; seed < 6; seed++) {
            try (var dream = Dream.begin(genie, List.of(prompt(SIDE)), seed)) {
                var first = dream.step(0);
                dream.reset();
                obeyed |= !dream.step(2).equals(first);
                pictures.add(first);
            }
        }
        assertThat(pictures).hasSizeGreaterThan(2);
        assertThat(obeyed).isTrue();
    }

    @Test
    void badPromptsAndActionsAreNamed() {
        var genie = genie(tiny());
        assertThatThrownBy(() -> Dream.begin(genie, List.of(prompt(12)), 3))
                .hasMessage(
                        "genie: the prompt is 12 x 12 pixels, this world 8 x 8; resize it"
                                + " (Dream.resized does)");
        assertThatThrownBy(() -> Dream.begin(genie, List.of(), 3))
                .hasMessage("genie: a prompt of 0 pictures; needs 1 to 4");
        var resized = Dream.resized(genie, prompt(12));
        try (var dream = Dream.begin(genie, List.of(resized, resized), 3)) {
            assertThatThrownBy(() -> dream.step(3))
                    .hasMessage("genie: action 3; this world has 0 to 2");
        }
    }
}
