package dev.orrery.env.tabletop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.env.Image;
import org.junit.jupiter.api.Test;

class RendererTest {

    private static Image draw(World w, Look look, Camera camera) {
        var rgb = new byte[3 * camera.pixels() * camera.pixels()];
        Renderer.draw(w, look, camera, rgb, 0);
        return new Image(camera.pixels(), camera.pixels(), rgb);
    }

    private static World scene(long seed) {
        var w = new World();
        Start.training(Family.PUT_ZONE, seed).lay(w, Arm.FOUR);
        return w;
    }

    @Test
    void aMoveOfAThirdOfAPixelShows() {
        var w = scene(1);
        var before = draw(w, Look.PLAIN, Camera.overhead(64));
        w.bx[0] += .005f;
        assertThat(draw(w, Look.PLAIN, Camera.overhead(64))).isNotEqualTo(before);
    }

    @Test
    void cameraAndTableCoordinatesAreInverse() {
        for (var camera : new Camera[] {Camera.overhead(512), Camera.wrist(.3f, .8f, 32)}) {
            assertThat(camera.x(camera.column(.37f))).isCloseTo(.37f, within(1e-5f));
            assertThat(camera.y(camera.row(.81f))).isCloseTo(.81f, within(1e-5f));
        }
    }

    @Test
    void theWristSeesABlockUnderTheGripperInItsMiddle() {
        var w = scene(2);
        w.x = w.bx[0];
        w.y = w.by[0];
        var picture = draw(w, Look.PLAIN, Camera.wrist(w.x, w.y, 32));
        int colour = Colour.values()[w.kind[0] / 4].rgb;
        assertThat(picture.at(16, 16, 0)).isCloseTo(colour >> 16, within(40));
        assertThat(picture.at(16, 16, 2)).isCloseTo(colour & 0xff, within(40));
    }

    @Test
    void shadowAndFingersShowHeightAndGap() {
        var w = scene(3);
        var open = draw(w, Look.PLAIN, Camera.overhead(64));
        w.z = .1f;
        var lower = draw(w, Look.PLAIN, Camera.overhead(64));
        w.closed = true;
        assertThat(lower).isNotEqualTo(open);
        assertThat(draw(w, Look.PLAIN, Camera.overhead(64))).isNotEqualTo(lower);
    }

    @Test
    void fingersOffEveryEdgeAreDrawnWithoutFault() {
        var w = scene(4);
        for (float x : new float[] {0, .5f, 1}) {
            for (float y : new float[] {0, .5f, 1}) {
                w.x = x;
                w.y = y;
                draw(w, Look.PLAIN, Camera.overhead(64));
                draw(w, Look.shifted(7), Camera.wrist(x, y, 32));
            }
        }
    }

    @Test
    void aShiftedLookChangesLightBackgroundAndCamera() {
        var w = scene(5);
        var plain = draw(w, Look.PLAIN, Camera.overhead(64));
        var shifted = draw(w, Look.shifted(5), Camera.overhead(64));
        assertThat(shifted.at(1, 1, 0)).isNotEqualTo(plain.at(1, 1, 0));
        assertThat(Look.shifted(5)).isEqualTo(Look.shifted(5)).isNotEqualTo(Look.shifted(6));
    }

    @Test
    void aLargePictureShowsTheSameScene() {
        var w = scene(6);
        var small = draw(w, Look.PLAIN, Camera.overhead(64));
        var large = draw(w, Look.PLAIN, Camera.overhead(512));
        double off = 0;
        for (int row = 0; row < 64; row++) {
            for (int column = 0; column < 64; column++) {
                int sum = 0;
                for (int k = 0; k < 64; k++) {
                    sum += large.at(8 * row + k / 8, 8 * column + k % 8, 1);
                }
                off += Math.abs(small.at(row, column, 1) - sum / 64.0);
            }
        }
        assertThat(off / 4096).isLessThan(1.5);
    }
}
