package dev.orrery.data.lerobot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.data.lerobot.Lint.Gripper;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LintTest {

    @TempDir Path folder;

    /// Episodes of an arm that moves for `moving` frames and waits for `waiting`.
    ///
    /// @param sign 1 where a larger action opens the gripper, -1 where it closes it
    private Path data(String name, int fps, int episodes, int moving, int waiting, double sign) {
        var root = folder.resolve(name);
        var features =
                List.of(
                        Feature.numbers(
                                "observation.state",
                                Dtype.FLOAT32,
                                List.of(2),
                                List.of("x", "gap")),
                        Feature.numbers("action", Dtype.FLOAT32, List.of(2), List.of("x", "grip")));
        try (var writer =
                LeRobotWriter.create(root, LeRobotWriter.Settings.v3(fps, "", features))) {
            for (int e = 0; e < episodes; e++) {
                double x = 0, gap = 0;
                for (int t = 0; t < moving + waiting; t++) {
                    boolean goes = t < moving;
                    double wanted = t / 3 % 2;
                    writer.add(
                            "t",
                            Map.of(
                                    "observation.state",
                                    Value.of(x, gap),
                                    "action",
                                    Value.of(
                                            goes ? .1 + .01 * (t % 3) : 0,
                                            sign * (2 * wanted - 1))));
                    if (goes) {
                        x += .1;
                        gap = wanted;
                    }
                }
                writer.saveEpisode();
            }
        }
        return root;
    }

    private static Lint lint(Path root) {
        try (var data = LeRobotDataset.open(root)) {
            return Lint.of(data);
        }
    }

    @Test
    void goodDataNeedsNoAdvice() {
        var lint = lint(data("good", 10, 100, 12, 0, 1));
        assertThat(lint.advice()).isEmpty();
        assertThat(lint.gripper()).isEqualTo(Gripper.OPENS);
        assertThat(lint.idle()).isZero();
        assertThat(lint.frames()).isEqualTo(1200);
    }

    @Test
    void idleFramesRatesAndTurnedGrippersAreTold() {
        var lint = lint(data("bad", 50, 3, 12, 12, -1));
        assertThat(lint.idle()).isCloseTo(11.0 / 23, within(1e-9));
        assertThat(lint.gripper()).isEqualTo(Gripper.CLOSES);
        assertThat(lint.advice())
                .hasSize(4)
                .anyMatch(l -> l.contains("nothing moves in 48 %"))
                .anyMatch(l -> l.contains("50 actions a second"))
                .anyMatch(l -> l.contains("larger values close the gripper"))
                .anyMatch(l -> l.contains("3 episodes"));
    }

    @Test
    void dimensionsThatNeverVaryAreNamedAndMissingFeaturesRefused() {
        var lint = lint(data("still", 10, 100, 0, 6, 0));
        assertThat(lint.constant()).isNotEmpty().allMatch(n -> n.matches("(observation|action).*"));
        assertThat(lint.gripper()).isEqualTo(Gripper.UNKNOWN);
        var root = folder.resolve("bare");
        var features = List.of(Feature.numbers("action", Dtype.FLOAT32, List.of(1), List.of("x")));
        try (var writer = LeRobotWriter.create(root, LeRobotWriter.Settings.v3(10, "", features))) {
            writer.add("t", Map.of("action", Value.of(1)));
            writer.saveEpisode();
        }
        assertThatThrownBy(() -> lint(root))
                .hasMessageContaining("no 'observation.state'")
                .hasMessageContaining("orrery data rename");
    }
}
