package dev.orrery.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.env.homegrid.Bins;
import dev.orrery.env.homegrid.HouseState.Opener;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LanesTest {

    private static Lanes<Opener> lanes(boolean parallel) {
        return new Lanes<>(
                Stream.generate(() -> new Bins(Bins.Arm.HINT)).limit(5).toList(), 7, parallel);
    }

    private static int[] choices(Dice dice) {
        return new int[] {
            dice.nextInt(3), dice.nextInt(3), dice.nextInt(3), dice.nextInt(3), dice.nextInt(3)
        };
    }

    @Test
    void aFirstMomentFollowsEachLastOne() {
        var lanes = lanes(false);
        var dice = new Dice(1);
        assertThat(lanes.first()).containsOnly(true);
        for (int t = 0; t < 100; t++) {
            var before = lanes.last().clone();
            lanes.step(choices(dice));
            assertThat(lanes.first()).isEqualTo(before);
            for (int n = 0; n < lanes.size(); n++) {
                assertThat(lanes.first()[n] && lanes.last()[n]).isFalse();
            }
        }
    }

    @Test
    void theCoresDoNotChangeTheResult() {
        var one = lanes(false);
        var many = lanes(true);
        var dice = new Dice(2);
        for (int t = 0; t < 60; t++) {
            var choices = choices(dice);
            one.step(choices);
            many.step(choices);
            assertThat(many.symbols()).isEqualTo(one.symbols());
            assertThat(many.tokens()).isEqualTo(one.tokens());
            assertThat(many.rewards()).isEqualTo(one.rewards());
        }
    }

    @Test
    void aRestoredStateGoesOnAsBefore() {
        var lanes = lanes(false);
        var dice = new Dice(3);
        for (int t = 0; t < 17; t++) {
            lanes.step(choices(dice));
        }
        var state = lanes.state();
        var other = lanes(false);
        other.restore(state);
        assertThat(other.last()).isEqualTo(lanes.last());
        for (int t = 0; t < 40; t++) {
            var choices = choices(dice);
            lanes.step(choices);
            other.step(choices);
            assertThat(other.tokens()).isEqualTo(lanes.tokens());
            assertThat(other.rewards()).isEqualTo(lanes.rewards());
            assertThat(other.first()).isEqualTo(lanes.first());
        }
    }

    @Test
    void wrongInputIsRefused() {
        var lanes = lanes(false);
        assertThatThrownBy(() -> lanes.step(new int[4])).hasMessageContaining("4 choices for 5");
        assertThatThrownBy(() -> lanes.step(new int[] {0, 1, 2, 3, 0}))
                .hasMessageContaining("not below [3]");
        assertThatThrownBy(() -> lanes.restore(new long[] {1, 2}))
                .hasMessageContaining("not one of lanes");
        assertThatThrownBy(() -> new Lanes<>(List.<Bins>of(), 1, false))
                .hasMessageContaining("at least one");
    }
}
