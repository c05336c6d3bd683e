package dev.orrery.data.lerobot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatisticsFilesTest {

    @TempDir Path folder;

    @Test
    void aDimensionThatHardlyVariesIsRefusedUnlessDeclared() {
        var root = folder.resolve("set");
        var features =
                List.of(Feature.numbers("action", Dtype.FLOAT32, List.of(2), List.of("x", "grip")));
        try (var writer = LeRobotWriter.create(root, LeRobotWriter.Settings.v3(10, "", features))) {
            for (int i = 0; i < 20; i++) writer.add("t", Map.of("action", Value.of(i, 1e-6 * i)));
            writer.saveEpisode();
        }
        try (var data = LeRobotDataset.open(root)) {
            assertThatThrownBy(() -> Preflight.check(data, Set.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("action[1] (grip)");
            Preflight.check(data, Set.of("action[1] (grip)"));
            assertThat(Preflight.of(data).getFirst().constant()).isFalse();
        }
    }

    @Test
    void statisticsSurviveTheFormsOfOtherProjects() {
        try (var data = LeRobotDataset.open(GoldenDatasetTest.golden("v3-image"))) {
            NormStats.writeOpenpi(data, folder.resolve("norm_stats.json"));
            NormStats.writeOpenvla(data, "tabletop", folder.resolve("dataset_statistics.json"));
            for (var name : List.of("norm_stats.json", "dataset_statistics.json")) {
                var found = NormStats.read(folder.resolve(name));
                for (var key : List.of("action", "observation.state")) {
                    assertThat(found.get(key).mean()).containsExactly(data.stats().get(key).mean());
                    assertThat(found.get(key).quantiles().get("q99"))
                            .containsExactly(data.stats().get(key).quantiles().get("q99"));
                }
            }
        }
    }

    @Test
    void recountedStatisticsAgreeAndAddExactQuantiles() {
        var root = folder.resolve("set");
        EpisodeFolder.write(root, EpisodeFolder.readAll(GoldenDatasetTest.golden("v3-image")));
        try (var data = LeRobotDataset.open(root)) {
            var stats = Recount.of(data, (_, _) -> {});
            Recount.write(data, stats);
            assertThat(stats.get("index").quantiles().get("exact_q50")).containsExactly(24);
            assertThat(stats.get("action").mean())
                    .containsExactly(data.stats().get("action").mean());
            assertThat(stats.get("observation.images.wrist").std())
                    .containsExactly(data.stats().get("observation.images.wrist").std());
        }
        assertThat(Verify.run(root, Verify.Settings.thorough(), (_, _) -> {}).findings()).isEmpty();
    }
}
