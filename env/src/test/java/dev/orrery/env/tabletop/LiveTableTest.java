package dev.orrery.env.tabletop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LiveTableTest {

    private static final Task.Pick PICK = new Task.Pick(Kind.parse("red-star"));

    private static Tabletop table() {
        var table = new Tabletop();
        table.reset(PICK, 3, "pick up the red star");
        return table;
    }

    private static boolean solve(Tabletop table) {
        while (true) {
            var step = table.step(table.expertAction());
            if (step.last()) {
                return step.terminated();
            }
        }
    }

    @Test
    void anotherTaskGoesOnInTheSameScene() {
        var table = table();
        assertThat(solve(table)).isTrue();
        var put = new Task.PutTray(PICK.block());
        var seen = table.instruct(put, "put the red star in the tray", 80);
        assertThat(seen.text()).isEqualTo("put the red star in the tray");
        assertThat(solve(table)).isTrue();
        assertThatThrownBy(() -> table.instruct(put, "again", 80))
                .hasMessageContaining("so already");
    }

    @Test
    void aTaskNeedsItsBlocksAndZones() {
        var table = table();
        var there = table.scene().blocks().stream().map(Scene.Block::kind).toList();
        var absent = Kind.ALL.stream().filter(k -> !there.contains(k)).findFirst().orElseThrow();
        assertThatThrownBy(() -> table.instruct(new Task.Pick(absent), "", 80))
                .hasMessageContaining("there is no " + absent.words());
    }

    @Test
    void aLongerLimitHolds() {
        var table = table();
        table.instruct(PICK, "pick up the red star", 100);
        for (int i = 1; i < 100; i++) {
            assertThat(table.step(new float[4]).last()).as("step %d", i).isFalse();
        }
        assertThat(table.step(new float[4]).truncated()).isTrue();
    }

    @Test
    void aPlacedBlockStaysOnTheTableAndPartsOthers() {
        var table = table();
        table.place(0, 2, .5f);
        assertThat(table.scene().blocks().getFirst().x()).isEqualTo(.95f);
        var other = table.scene().blocks().get(1);
        table.place(0, other.x() + .01f, other.y());
        var a = table.scene().blocks().get(0);
        var b = table.scene().blocks().get(1);
        assertThat(Math.hypot(a.x() - b.x(), a.y() - b.y())).isGreaterThan(2 * World.R - 1e-3);
        assertThatThrownBy(() -> table.place(9, 0, 0)).hasMessageContaining("there is no block 9");
    }

    @Test
    void aBlockBelowTakesTheOneAboveAlong() {
        var table = new Tabletop();
        var task = new Task.Unstack(Kind.parse("red-star"), Kind.parse("blue-cube"));
        table.reset(task, 1, "");
        table.place(1, .5f, .5f);
        var blocks = table.scene().blocks();
        assertThat(blocks.get(0).x()).isEqualTo(blocks.get(1).x());
        assertThat(blocks.get(0).z()).isEqualTo(Scene.BLOCK_HEIGHT);
        table.place(0, .2f, .8f);
        assertThat(table.scene().blocks().get(0).z()).isZero();
    }

    @Test
    void aForkGoesItsOwnWay() {
        var table = table();
        var before = table.scene();
        var fork = table.fork();
        assertThat(solve(fork)).isTrue();
        assertThat(table.scene()).isEqualTo(before);
        assertThat(solve(table)).isTrue();
        assertThat(table.scene()).isEqualTo(fork.scene());
    }
}
