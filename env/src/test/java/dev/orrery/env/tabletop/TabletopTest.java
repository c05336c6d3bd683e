package dev.orrery.env.tabletop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.env.Dice;
import dev.orrery.env.Episode;
import dev.orrery.env.Rollout;
import java.util.List;
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
    void steppingAfterTheEndSaysWhatToDo() {
        var table = new Tabletop();
        table.reset(1);
        while (!table.success()) {
            table.step(table.expertAction());
        }
        assertThatThrownBy(() -> table.step(new float[4]))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has ended");
    }

    @Test
    void anActionOfTheWrongSizeIsRefusedAndTheEpisodeGoesOn() {
        var table = new Tabletop();
        table.reset(1);
        assertThatThrownBy(() -> table.step(new float[3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("takes 4");
        assertThat(table.step(new float[4]).last()).isFalse();
    }

    @Test
    void anActionThatIsNoNumberEndsTheEpisodeAsAFailure() {
        var table = new Tabletop();
        table.reset(1);
        var step = table.step(new float[] {0, 0, Float.NaN, 0});
        assertThat(step.terminated()).isTrue();
        assertThat(step.reward()).isZero();
        assertThat(table.outcome()).isEqualTo(Outcome.NOT_FINITE);
    }

    @Test
    void theTimeLimitTruncatesAndNamesTheFailure() {
        var table = new Tabletop(List.of(Family.REACH));
        table.reset(2);
        int steps = 0;
        boolean truncated = false;
        while (!truncated) {
            var step = table.step(new float[] {0, 0, 1, -1});
            truncated = step.truncated();
            steps++;
        }
        assertThat(steps).isEqualTo(80);
        assertThat(table.outcome()).isEqualTo(Outcome.NEVER_REACHED);
    }

    @Test
    void observationsHoldNothingButPicturesProprioceptionAndWords() {
        var seen = new Tabletop().reset(4);
        assertThat(seen.images().keySet()).containsExactly(Camera.OVERHEAD, Camera.WRIST);
        assertThat(seen.image(Camera.OVERHEAD).height()).isEqualTo(64);
        assertThat(seen.image(Camera.WRIST).width()).isEqualTo(32);
        assertThat(seen.state()).hasSize(4);
        assertThat(Grammar.parse(seen.text())).isInstanceOf(Reading.Understood.class);
    }

    @Test
    void theSevenDofArmSolvesCoreTasksAndTurnsBlocks() {
        var table = new Tabletop(List.of(Family.ALIGN, Family.STACK, Family.PUSH_TO), Arm.SEVEN);
        assertThat(table.reset(1).state()).hasSize(8);
        for (long seed = 0; seed < 30; seed++) {
            table.reset(seed);
            while (table.outcome() == Outcome.UNFINISHED) {
                table.step(table.expertAction());
            }
            assertThat(table.outcome()).as("seed %d", seed).isEqualTo(Outcome.SUCCESS);
        }
    }

    @Test
    void turningABlockTakesSevenDegreesOfFreedom() {
        var task = Task.parse("align red-star up");
        assertThatThrownBy(() -> new Tabletop().reset(task, 1, "turn the red star up"))
                .hasMessageContaining("seven degrees of freedom");
    }

    @Test
    void anOccupiedGoalCellIsNamed() {
        var table = new Tabletop();
        table.reset(Task.parse("beside red-star left blue-cube"), 8, "");
        var blocks = table.scene().blocks();
        var cube = blocks.get(1);
        table.place(2, cube.x() - .14f, cube.y());
        assertThatThrownBy(() ->
                        table.instruct(Task.parse("beside red-star left blue-cube"), "again", 80))
                .hasMessageContaining("goal cell occupied by the")
                .hasMessageContaining(blocks.get(2).kind().words());
    }

    @Test
    void aTaskThatTheSceneLacksIsNamed() {
        var table = new Tabletop();
        table.reset(Task.parse("pick red-star"), 1, "");
        var absent =
                Kind.ALL.stream()
                        .filter(k ->
                                table.scene().blocks().stream().noneMatch(b -> b.kind().equals(k)))
                        .findFirst()
                        .orElseThrow();
        assertThatThrownBy(() -> table.instruct(new Task.Pick(absent), "", 80))
                .hasMessageContaining("there is no " + absent.words());
    }

    @Test
    void goingStraightOnTheTwoRouteScenesFails() {
        int straight = 0;
        for (var start : Split.ROUTES.starts()) {
            var around = (Task.PushAround) start.task();
            var push = new Task.PushZone(around.block(), around.zone());
            var rule = Trial.expert(push, Arm.FOUR, 0, new Dice(0));
            straight += Trial.run(start, Arm.FOUR, rule).outcome() == Outcome.SUCCESS ? 1 : 0;
        }
        assertThat(straight).isLessThanOrEqualTo(5);
    }

    @Test
    void bothRoutesOccurAboutEquallyOften() {
        var w = new World();
        int left = 0;
        for (var start : Split.ROUTES.starts()) {
            start.lay(w, Arm.FOUR);
            left += w.route > 0 ? 1 : 0;
        }
        assertThat(left).isBetween(30, 70);
    }
}
