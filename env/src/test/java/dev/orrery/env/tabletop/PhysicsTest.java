package dev.orrery.env.tabletop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PhysicsTest {

    private static World table(float... xy) {
        var w = new World();
        w.count = xy.length / 2;
        for (int i = 0; i < w.count; i++) {
            w.kind[i] = i;
            w.support[i] = World.TABLE;
            w.bx[i] = w.startX[i] = xy[2 * i];
            w.by[i] = w.startY[i] = xy[2 * i + 1];
        }
        w.trayX = w.trayY = w.zoneX[0] = w.zoneX[1] = w.buttonX = 5;
        w.z = .03f;
        return w;
    }

    private static void at(World w, float x, float y, float z) {
        w.x = x;
        w.y = y;
        w.z = z;
    }

    @Test
    void anOpenGripperTouchesNothing() {
        var w = table(.5f, .5f);
        at(w, .4f, .5f, .02f);
        for (int k = 0; k < 5; k++) {
            Physics.step(w, 1, 0, 0, 0, -1);
        }
        assertThat(w.bx[0]).isEqualTo(.5f);
        assertThat(w.x).isCloseTo(.65f, within(1e-5f));
    }

    @Test
    void closingOverABlockGraspsItAndItSnapsToTheGripper() {
        var w = table(.5f, .5f);
        at(w, .53f, .5f, .03f);
        Physics.step(w, 0, 0, 0, 0, 1);
        assertThat(w.held).isZero();
        assertThat(w.bx[0]).isEqualTo(w.x);
        assertThat(w.gap()).isEqualTo(.5f);
    }

    @Test
    void closingTooHighOrTooFarGraspsNothing() {
        var high = table(.5f, .5f);
        at(high, .5f, .5f, .071f);
        Physics.step(high, 0, 0, 0, 0, 1);
        assertThat(high.held).isEqualTo(-1);
        var far = table(.5f, .5f);
        at(far, .56f, .5f, .065f);
        Physics.step(far, 0, 0, 0, 0, 1);
        assertThat(far.held).isEqualTo(-1);
    }

    @Test
    void aPushAlongTheMotionMovesTheBlockJustClear() {
        var w = table(.5f, .5f);
        at(w, .42f, .51f, .03f);
        w.closed = true;
        Physics.step(w, 1, 0, 0, 0, 1);
        assertThat(w.by[0]).isEqualTo(.5f);
        assertThat(w.distance(0, w.x, w.y)).isCloseTo(World.R + Physics.FINGER, within(1e-5f));
    }

    @Test
    void aGrazedBlockIsPushedOutRadially() {
        var w = table(.5f, .5f);
        at(w, .5f, .43f, .03f);
        w.closed = true;
        Physics.step(w, .4f, .1f, 0, 0, 1);
        assertThat(w.by[0]).isGreaterThan(.5f);
        assertThat(w.distance(0, w.x, w.y)).isCloseTo(World.R + Physics.FINGER, within(1e-4f));
    }

    @Test
    void aBlockWithAnotherOnTopCannotBeGrasped() {
        var low = stack();
        at(low, .5f, .5f, .03f);
        Physics.step(low, 0, 0, 0, 0, 1);
        assertThat(low.held).isEqualTo(-1);
        var high = stack();
        at(high, .5f, .5f, .09f);
        Physics.step(high, 0, 0, 0, 0, 1);
        assertThat(high.held).isEqualTo(1);
    }

    private static World stack() {
        var w = table(.5f, .5f, .5f, .5f);
        w.support[1] = 0;
        w.bz[1] = World.HEIGHT;
        return w;
    }

    @Test
    void aBlockLetGoOverAnotherIsStackedCentredAndMovesWithIt() {
        var w = table(.5f, .5f, .7f, .5f);
        at(w, .7f, .5f, .03f);
        Physics.step(w, 0, 0, 0, 0, 1);
        at(w, .54f, .5f, .12f);
        Physics.step(w, 0, 0, 0, 0, 1);
        Physics.step(w, 0, 0, 0, 0, -1);
        assertThat(w.support[1]).isZero();
        assertThat(w.bz[1]).isEqualTo(World.HEIGHT);
        assertThat(w.bx[1]).isEqualTo(w.bx[0]);
        w.closed = true;
        at(w, .42f, .5f, .03f);
        Physics.step(w, 1, 0, 0, 0, 1);
        assertThat(w.bx[0]).isGreaterThan(.5f);
        assertThat(w.bx[1]).isEqualTo(w.bx[0]);
    }

    @Test
    void blocksNeverOverlapNorLeaveTheTable() {
        var w = table(.94f, .5f, .9f, .5f, .87f, .5f);
        for (int k = 0; k < 20; k++) {
            Physics.settle(w);
        }
        for (int i = 0; i < 3; i++) {
            assertThat(w.bx[i]).isBetween(.05f, .95f);
            for (int j = 0; j < i; j++) {
                assertThat(w.distance(i, w.bx[j], w.by[j])).isGreaterThan(2 * World.R - .01f);
            }
        }
    }

    @Test
    void onlyAClosedEmptyGripperPressesTheButton() {
        var w = table(.2f, .2f);
        w.buttonX = w.buttonY = .6f;
        at(w, .6f, .6f, .03f);
        Physics.step(w, 0, 0, 0, 0, -1);
        assertThat(w.pressed).isFalse();
        Physics.step(w, 0, 0, 0, 0, 1);
        assertThat(w.pressed).isTrue();
        Physics.step(w, 0, 0, 1, 0, -1);
        assertThat(w.pressed).isTrue();
    }

    @Test
    void actionsBeyondOneAreClipped() {
        var w = table(.2f, .2f);
        at(w, .5f, .5f, .2f);
        Physics.step(w, 9, -9, 9, 0, -1);
        assertThat(w.x).isCloseTo(.55f, within(1e-6f));
        assertThat(w.y).isCloseTo(.45f, within(1e-6f));
        assertThat(w.z).isEqualTo(.25f);
    }

    @Test
    void aHeldBlockTurnsWithTheGripper() {
        var w = table(.5f, .5f);
        at(w, .5f, .5f, .03f);
        Physics.step(w, 0, 0, 0, 0, 1);
        Physics.step(w, 0, 0, 0, 1, 1);
        assertThat(w.turn[0]).isCloseTo(.2f, within(1e-6f));
        assertThat(w.yaw).isCloseTo(.2f, within(1e-6f));
    }
}
