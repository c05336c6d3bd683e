package dev.orrery.env.tabletop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.env.Interval;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NearestTest {

    @Test
    void itRepeatsADemonstrationThatItRemembers() {
        var demonstrations = Demonstrations.collect(List.of(Family.REACH), 6, 3, 0);
        var nearest = new Nearest(demonstrations, 1);
        int same = 0, total = 0;
        for (var demonstration : demonstrations) {
            var action = new float[4];
            var episode = demonstration.episode();
            for (int t = 0; t < demonstration.length(); t++) {
                demonstration.action(t, action, 0);
                var repeated = nearest.act(episode.frames().get(t).observation());
                same += Math.abs(repeated[0] - action[0]) < 1e-6 ? 1 : 0;
                total++;
            }
        }
        assertThat(same / (double) total).isGreaterThan(0.95);
    }

    @Test
    void itSolvesTheScenesThatItRemembersToTheEnd() {
        var demonstrations = Demonstrations.collect(List.of(Family.REACH, Family.PICK), 6, 1, 0);
        var nearest = new Nearest(demonstrations, 1);
        int solved = 0;
        for (var demonstration : demonstrations) {
            var table = new Tabletop(List.of(demonstration.task().family()), Arm.FOUR);
            var seen = table.reset(demonstration.start());
            while (table.outcome() == Outcome.UNFINISHED) {
                seen = table.step(nearest.act(seen)).observation();
            }
            solved += table.outcome() == Outcome.SUCCESS ? 1 : 0;
        }
        assertThat(solved).isGreaterThanOrEqualTo(8);
    }

    @Test
    void theLadderNamesStepsOutOfOrder() {
        var hard = Interval.of(1, 10);
        var easy = Interval.of(9, 10);
        var good =
                Map.of(
                        Split.L0, easy, Split.L1, easy, Split.L2, hard, Split.L3, hard, Split.L4,
                        hard);
        assertThat(Ladder.of(good)).isEqualTo(new Ladder(true, false, List.of()));
        var flat =
                Map.of(
                        Split.L0, easy, Split.L1, easy, Split.L2, easy, Split.L3, easy, Split.L4,
                        easy);
        assertThat(Ladder.of(flat).tooEasy()).isTrue();
        var odd =
                Map.of(
                        Split.L0, easy, Split.L1, hard, Split.L2, easy, Split.L3, hard, Split.L4,
                        hard);
        assertThat(Ladder.of(odd).objections()).hasSize(1).first().asString().contains("L1", "L2");
        assertThatThrownBy(() -> Ladder.of(Map.of(Split.L0, easy)))
                .hasMessageContaining("L1 is missing");
    }

    @Test
    void wrongInputIsRefused() {
        assertThatThrownBy(() -> new Nearest(List.of(), 1)).hasMessageContaining("none of 0");
        assertThatThrownBy(() -> new Nearest(List.of(), 0)).hasMessageContaining("0 neighbours");
    }
}
