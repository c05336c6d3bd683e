package dev.orrery.system.openvla;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Camera;
import dev.orrery.env.tabletop.Demonstrations;
import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.lm.decoder.Pick;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.tabletop.FrameSource;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CropTest {

    private static final Seed SEED = Seed.of(5);

    @TempDir Path folder;

    private static OpenVlaData data() {
        var shown = Demonstrations.collect(List.of(Family.PICK), 3, 3, Demonstrations.NOISE);
        return OpenVlaData.of(OpenVlaTest.small(), new FrameSource.Recorded(shown));
    }

    @Test
    void aCropLiesWhereItIsPutAndHasNineTenthsOfTheArea() {
        var rgb = new byte[3 * 101 * 101];
        for (int i = 0; i < rgb.length; i++) rgb[i] = (byte) (i / 303 + i / 3 % 101);
        var whole = new Image(101, 101, rgb);
        var first = Crop.of(whole, 51, 0, 0);
        assertThat(first.at(0, 0, 0)).isEqualTo(whole.at(0, 0, 0));
        assertThat(first.at(50, 50, 0)).as("94.9 of 100 rows and columns").isBetween(188, 190);
        var last = Crop.of(whole, 51, 1, 1);
        assertThat(last.at(50, 50, 0)).isEqualTo(whole.at(100, 100, 0));
        assertThat(Crop.of(whole, 51, 1, 0).at(50, 0, 0)).isEqualTo(whole.at(100, 0, 0));
        assertThat(Crop.centre(whole, 51)).isEqualTo(Crop.of(whole, 51, .5, .5));
    }

    @Test
    void trainingShowsOtherPartsEachTimeAndNothingElseChanges() {
        try (var plain = data();
                var cropped = data().cropped(true);
                var _ = TensorScope.open()) {
            var whole = plain.batch(8, SEED);
            var part = cropped.batch(8, SEED);
            assertThat(part.actions().equal(whole.actions())).isTrue();
            assertThat(part.ids().equal(whole.ids())).isTrue();
            assertThat(part.prompt().words().equal(whole.prompt().words())).isTrue();
            var again = cropped.batch(8, SEED);
            for (int camera = 0; camera < 2; camera++) {
                var seen = part.prompt().images().get(camera);
                assertThat(seen.shape()).isEqualTo(whole.prompt().images().get(camera).shape());
                assertThat(seen.equal(whole.prompt().images().get(camera))).isFalse();
                assertThat(seen.equal(again.prompt().images().get(camera)))
                        .as("by the seed alone")
                        .isTrue();
            }
        }
    }

    @Test
    void aPolicyThatLearnedFromPartsLooksAtTheMiddleAndRemembersIt() {
        try (var data = data();
                var _ = TensorScope.open();
                var network = new OpenVla(OpenVlaTest.small(), data.tokens(), Seed.of(2))) {
            var habit = new OpenVlaCheckpoint.Habit(true, Pick.MEDIAN);
            new OpenVlaCheckpoint(network, data.robot(), habit).save(folder);
            assertThat(OpenVlaCheckpoint.open(folder).habit()).isEqualTo(habit);
            var looks = OpenVlaCheckpoint.open(folder).policy();
            var likewise = new OpenVlaCheckpoint.Habit(false, Pick.MEDIAN);
            var plain = new OpenVlaCheckpoint(network, data.robot(), likewise).policy();
            var seen = new Tabletop().reset(4);
            var middle = new LinkedHashMap<String, Image>();
            middle.put(
                    Camera.OVERHEAD,
                    Crop.centre(seen.images().get(Camera.OVERHEAD), Camera.OVERHEAD_PIXELS));
            middle.put(
                    Camera.WRIST,
                    Crop.centre(seen.images().get(Camera.WRIST), Camera.WRIST_PIXELS));
            var told = new Observation(middle, seen.state(), seen.text());
            double whole = plain.decide(List.of(seen)).getFirst().outside();
            assertThat(looks.decide(List.of(seen)).getFirst().outside())
                    .isEqualTo(plain.decide(List.of(told)).getFirst().outside())
                    .isNotEqualTo(whole);
            assertThat(looks.chunk(seen, ChunkPolicy.Held.NONE))
                    .isDeepEqualTo(plain.chunk(told, ChunkPolicy.Held.NONE));
        }
    }
}
