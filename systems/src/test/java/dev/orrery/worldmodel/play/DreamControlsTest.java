package dev.orrery.worldmodel.play;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.env.platformer.Platformer;
import dev.orrery.env.platformer.PlatformerAction;
import dev.orrery.worldmodel.play.DreamControls.Meaning;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DreamControlsTest {

    private static DreamControls controls() {
        var actions = new LinkedHashMap<String, Integer>();
        actions.put("left", 2);
        actions.put("right", 1);
        actions.put("jump right", 1);
        return new DreamControls(
                64,
                64,
                List.of("meadow"),
                4,
                0,
                actions,
                List.of(
                        new Meaning("idle", .9, .5),
                        new Meaning("right", .8, .3),
                        new Meaning("left", 1, .2),
                        new Meaning("", 0, 0)));
    }

    @Test
    void aCodeMeansWhatItWasSeenToDo() {
        assertThat(controls().action(1)).contains("right");
        assertThat(controls().action(0)).contains("idle");
        assertThat(controls().action(3)).isEmpty();
        assertThatThrownBy(() -> controls().action(4)).hasMessageContaining("codes are 0 to 3");
    }

    @Test
    void controlsThatPointNowhereAreRefused() {
        assertThatThrownBy(() ->
                        new DreamControls(
                                64,
                                64,
                                List.of("a"),
                                4,
                                0,
                                new LinkedHashMap<>(Map.of("left", 7)),
                                List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("left is code 7; codes are 0 to 3");
    }

    @Test
    void aKeyScriptIsReadFrameByFrame() {
        assertThat(KeyScript.codes("right*2, jump right\nidle*2,3", controls()))
                .containsExactly(1, 1, 1, 0, 0, 3);
        assertThatThrownBy(() -> KeyScript.codes("right, up*2", controls()))
                .hasMessageContaining("there is no key 'up'")
                .hasMessageContaining("left, right, jump right");
        assertThatThrownBy(() -> KeyScript.codes("right*x", controls()))
                .hasMessageContaining("such as *12");
        assertThatThrownBy(() -> KeyScript.codes("right*20000", controls()))
                .hasMessageContaining("10,000");
        assertThatThrownBy(() -> KeyScript.codes(" ", controls()))
                .hasMessageContaining("for example: left*10, right*10");
    }

    @Test
    void theTruthFollowsTheWorldAndStaysAtItsEnd() {
        var world = new Platformer();
        var other = new Platformer();
        var seen = other.reset(3).image("image");
        world.reset(3);
        var truth = DreamTruth.of(other, seen);
        assertThat(truth.actions()).contains("idle", "jump left");
        for (int t = 0; t < 12; t++) {
            assertThat(truth.step("jump right"))
                    .isEqualTo(
                            world.step(PlatformerAction.JUMP_RIGHT).observation().image("image"));
        }
        for (int t = 0; t < Platformer.STEPS && !truth.over(); t++) {
            truth.step("right");
        }
        assertThat(truth.over()).isTrue();
        var last = truth.frame();
        assertThat(truth.step("left")).isEqualTo(last);
        assertThatThrownBy(() -> truth.step("fly")).hasMessageContaining("there is no action");
    }

    @Test
    void samplingsOutsideTheirLimitsAreRefused() {
        assertThatThrownBy(() -> new Sampling(0, 1)).hasMessageContaining("choose 1 to 64");
        assertThatThrownBy(() -> new Sampling(8, 0)).hasMessageContaining("more than 0");
        assertThatThrownBy(() -> new Sampling(8, Double.NaN)).hasMessageContaining("more than 0");
    }
}
