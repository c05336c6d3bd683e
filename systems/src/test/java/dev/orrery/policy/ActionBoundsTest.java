package dev.orrery.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.checkpoint.CheckpointException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ActionBoundsTest {

    @TempDir Path folder;

    private static final ActionBounds ARM =
            ActionBounds.of(
                    new double[] {-.02, 3, 0},
                    new double[] {.06, 3, 1},
                    new double[] {-.5, 3, 0},
                    new double[] {.9, 3, 1},
                    new boolean[] {true, true, false});

    @Test
    void theBulkOfTheDataFillsTheRangeAndOutliersAreClipped() {
        assertThat(ARM.normalise(new float[] {.02f, 3, 1}))
                .containsExactly(new float[] {0, 0, 1}, within(1e-6f));
        assertThat(ARM.normalise(new float[] {.06f, 3, 0})[0]).isCloseTo(1, within(1e-6f));
        assertThat(ARM.normalise(new float[] {.9f, 3, .5f})).containsExactly(1f, 0f, .5f);
        assertThat(ARM.normalise(new float[] {-.9f, 3, .5f})[0]).isEqualTo(-1f);
    }

    @Test
    void restoringGivesTheRobotsUnitsAndLeavesMaskedDimensionsAlone() {
        assertThat(ARM.restore(new double[] {-1, 0, .25})).containsExactly(-.02, 3, .25);
        assertThat(ARM.restore(new double[] {1, 0, 7})[0]).isCloseTo(.06, within(1e-12));
        assertThat(ARM.restore(new double[] {1, 0, 7})[2]).isEqualTo(7);
    }

    @Test
    void aGripperThatWasAlwaysOpenStaysOpen() {
        var open =
                ActionBounds.of(
                        new double[] {-1, -1}, new double[] {1, -1}, new boolean[] {true, false});
        var normal = open.normalise(new float[] {.5f, -1});
        assertThat(normal[1]).isZero();
        assertThat(open.restore(new double[] {normal[0], normal[1]})[1]).isEqualTo(-1);
    }

    @Test
    void boundsOfDataAreItsQuantilesAndExtremes() {
        var rows = new ArrayList<float[]>();
        for (int i = 0; i <= 100; i++) rows.add(new float[] {i, i % 2});
        var found = ActionBounds.of(rows, new boolean[] {true, false});
        assertThat(found.low()[0]).isEqualTo(1);
        assertThat(found.high()[0]).isEqualTo(99);
        assertThat(found.least()).containsExactly(0, 0);
        assertThat(found.greatest()).containsExactly(100, 1);
        assertThat(found.mask()).containsExactly(true, false);
    }

    @Test
    void whatIsHeldIsZeroAndComesBackAsTheMiddleOfItsValues() {
        var held = ARM.holding(Set.of(0));
        assertThat(held.normalise(new float[] {.5f, 3, 1})).containsExactly(0f, 0f, 1f);
        assertThat(held.restore(new double[] {.7, 0, 1})).containsExactly(.2, 3, 1);
        assertThat(ARM.normalise(new float[] {.06f, 3, 1})[0])
                .as("ours")
                .isCloseTo(1, within(1e-6f));
    }

    @Test
    void statisticsOfAnotherRobotAreNoticed() {
        assertThat(ARM.far(new double[] {.09, 3, 40})).isEmpty();
        assertThat(ARM.far(new double[] {.11, 3, 0}).orElseThrow())
                .contains("dimension 0")
                .contains("another robot");
        assertThat(ARM.far(new double[] {.02, 3, Double.NaN})).isPresent();
        assertThat(ARM.far(new double[] {.02, 4, 0})).isPresent();
    }

    @Test
    void wrongSizesAndBoundsAreNamed() {
        assertThatThrownBy(() -> ARM.normalise(new float[2]))
                .hasMessageContaining("2 values")
                .hasMessageContaining("3 dimensions");
        assertThatThrownBy(() ->
                        ActionBounds.of(new double[] {0}, new double[] {1, 2}, new boolean[1]))
                .hasMessageContaining("must agree");
        assertThatThrownBy(
                        () -> ActionBounds.of(new double[] {2}, new double[] {1}, new boolean[1]))
                .hasMessageContaining("dimension 0");
    }

    @Test
    void statisticsAreReadAsPublishedAndWrittenBack() throws Exception {
        var file = folder.resolve(RobotStatistics.FILE);
        Files.writeString(
                file,
                """
                {"bridge": {"action": {"mean": [0], "std": [1], "max": [2, 1], "min": [-2, 0],
                  "q01": [-1, 0], "q99": [1, 1], "mask": [true, false]},
                  "proprio": {"q01": [4], "q99": [6]}, "num_transitions": 5},
                 "old": {"action": {"q01": [-3], "q99": [3]}}}
                """);
        assertThat(RobotStatistics.isIn(folder)).isTrue();
        var read = RobotStatistics.read(file);
        assertThat(read.names()).containsExactly("bridge", "old");
        var bridge = read.sets().get("bridge");
        assertThat(bridge.state().orElseThrow().high()).containsExactly(6);
        assertThat(bridge.action().mask()).containsExactly(true, false);
        assertThat(bridge.action().greatest()).containsExactly(2, 1);
        assertThat(read.sets().get("old").action().mask()).containsExactly(true);
        read.write(file);
        assertThat(RobotStatistics.read(file).sets().get("bridge").toString())
                .isEqualTo(bridge.toString());
    }

    @Test
    void statisticsWithoutBoundsAreRefusedByName() throws Exception {
        var file = folder.resolve(RobotStatistics.FILE);
        Files.writeString(file, "{\"bridge\": {\"action\": {\"q01\": [0]}}}");
        assertThatThrownBy(() -> RobotStatistics.read(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("bridge.action.q99")
                .hasMessageContaining("is missing");
        Files.writeString(file, "{}");
        assertThatThrownBy(() -> RobotStatistics.read(file)).hasMessageContaining("no data set");
        Files.writeString(
                file,
                "{\"bridge\": {\"action\": {\"q01\": [0], \"q99\": [1], \"mask\": [true, true]}}}");
        assertThatThrownBy(() -> RobotStatistics.read(file)).hasMessageContaining("2 entries");
    }
}
