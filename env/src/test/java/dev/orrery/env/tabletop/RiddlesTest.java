package dev.orrery.env.tabletop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.env.BatchPolicy;
import dev.orrery.env.tabletop.Riddles.Description;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class RiddlesTest {

    @Test
    void signsAreReadAndNoBlockIsNewToDemonstrations() {
        var starts = Riddles.signs(40);
        assertThat(starts).hasSize(40).isEqualTo(Riddles.signs(60).subList(0, 40));
        var signs = new HashSet<Glyph>();
        for (var start : starts) {
            var task = (Task.OnSymbol) start.task();
            signs.add(task.glyph());
            assertThat(HeldOut.allowed(task)).isTrue();
            assertThat(start.phrase()).contains(task.glyph().words());
            assertThat(Grammar.parse(start.phrase())).isEqualTo(new Reading.Understood(task));
        }
        assertThat(signs).hasSizeGreaterThan(8);
    }

    @Test
    void aDescriptionFitsOneBlockWithoutNamingIt() {
        var counts = new HashMap<String, Integer>();
        for (var start : Riddles.described(24)) {
            counts.merge(start.phrase(), 1, Integer::sum);
            var table = new Tabletop();
            table.reset(start);
            var scene = table.scene();
            var wanted = ((Task.Pick) start.task()).block();
            assertThat(start.phrase()).doesNotContain(wanted.shape().word());
            var there =
                    scene.blocks().stream()
                            .filter(b -> b.kind().equals(wanted))
                            .findFirst()
                            .orElseThrow();
            if (start.phrase().equals(Description.LEFTMOST.instruction())) {
                assertThat(scene.blocks()).allMatch(b -> b == there || b.x() > there.x() + .09f);
            }
            if (start.phrase().equals(Description.CLOSEST_TO_TRAY.instruction())) {
                double own = Math.hypot(there.x() - scene.tray().x(), there.y() - scene.tray().y());
                assertThat(scene.blocks())
                        .allMatch(b ->
                                b == there
                                        || Math.hypot(
                                                        b.x() - scene.tray().x(),
                                                        b.y() - scene.tray().y())
                                                > own);
            }
        }
        assertThat(counts).hasSize(Description.values().length).containsValue(6);
    }

    @Test
    void episodesOutsideTheSplitsArePlayedLikeOthers() {
        var starts = Riddles.described(3);
        var results =
                Suite.play(
                        starts,
                        1,
                        BatchPolicy.of(() -> _ -> new float[4]),
                        2,
                        (done, total) -> assertThat(done).isLessThanOrEqualTo(total));
        assertThat(results).hasSize(3).noneMatch(SuiteReport.Result::success);
        assertThat(results.get(2).seed()).isEqualTo(starts.get(2).seed());
    }

    @Test
    void plansSayWhatTheExpertDoesInKnownWords() {
        var shown = Demonstrations.collect(Family.CORE, 2, 4, 0);
        var seen = new HashSet<String>();
        for (var demonstration : shown) {
            for (int t = 0; t < demonstration.length(); t++) {
                var plan = Plan.of(demonstration, t);
                assertThat(Words.unknown(plan)).as(plan).isEmpty();
                assertThat(Words.split(plan)).hasSizeBetween(1, 9);
                seen.add(Words.split(plan).getFirst());
            }
        }
        assertThat(seen).contains("go", "grasp", "push", "lift", "move", "drop", "press");
        var pick = Demonstrations.collect(List.of(Family.PICK), 1, 4, 0).getFirst();
        assertThat(Plan.of(pick, 0))
                .isEqualTo("go to the " + ((Task.Pick) pick.task()).block().words());
    }
}
