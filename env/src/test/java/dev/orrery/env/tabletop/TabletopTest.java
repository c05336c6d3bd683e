package dev.orrery.env.tabletop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.env.Episode;
import dev.orrery.env.Rollout;
import org.junit.jupiter.api.Test;

class TabletopTest {

    @Test
    void theExpertSolvesCoreEpisodes() {
        var episodes = Rollout.collect(Tabletop::new, Tabletop.expert(), 120, 1);
        assertThat(Episode.successRate(episodes)).isGreaterThanOrEqualTo(.99);
    }

    @Test
    void equalSeedsStartEqualEpisodes() {
        assertThat(new Tabletop().reset(5).images()).isEqualTo(new Tabletop().reset(5).images());
        assertThat(new Tabletop().reset(5).images()).isNotEqualTo(new Tabletop().reset(6).images());
    }

    @Test
    void steppingBeforeResetSaysWhatToDo() {
        assertThatThrownBy(() -> new Tabletop().step(new float[4]))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("call reset");
    }

    @Test
    void anActionOfTheWrongSizeIsRefused() {
        var table = new Tabletop();
        table.reset(1);
        assertThatThrownBy(() -> table.step(new float[3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("takes 4");
    }
}
