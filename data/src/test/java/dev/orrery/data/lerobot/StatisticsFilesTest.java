package dev.orrery.data.lerobot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
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
            var counted = Recount.of(data, (_, _) -> {});
            Recount.write(data, counted);
            var stats = counted.total();
            var median = new double[4];
            for (int d = 0; d < 4; d++) {
                var column = new double[(int) data.frames()];
                for (int i = 0; i < column.length; i++)
                    column[i] = data.frame(i).doubles("action")[d];
                java.util.Arrays.sort(column);
                median[d] = EpisodeStats.quantile(column, .5);
            }
            assertThat(stats.get("action").quantiles().get("exact_q50")).containsExactly(median);
            // The writer has counted them as well.
            assertThat(data.stats().get("action").quantiles().get("exact_q50"))
                    .containsExactly(median);
            assertThat(stats.get("action").mean())
                    .containsExactly(data.stats().get("action").mean());
            assertThat(stats.get("observation.images.wrist").std())
                    .containsExactly(data.stats().get("observation.images.wrist").std());
        }
        assertThat(Verify.run(root, Verify.Settings.thorough(), (_, _) -> {}).findings()).isEmpty();
    }

    @Test
    void recountingVersion3RenewsTheStatisticsOfEpisodesInTheirTable() throws IOException {
        var root = folder.resolve("set");
        EpisodeFolder.write(root, EpisodeFolder.readAll(GoldenDatasetTest.golden("v3-image")));
        var shard = root.resolve("meta/episodes/chunk-000/file-000.parquet");
        java.util.Map<Integer, java.util.SequencedMap<String, FeatureStats>> before;
        try (var data = LeRobotDataset.open(root)) {
            before = data.episodeStats();
            // The same table without statistics, as a broken writer may leave it.
            EpisodesFile.replace(shard, data.info(), Map.of());
            assertThat(data.episodeStats().get(1)).isEmpty();
        }
        try (var data = LeRobotDataset.open(root)) {
            Recount.write(data, Recount.of(data, (_, _) -> {}));
            var after = data.episodeStats();
            assertThat(after.keySet()).containsExactly(0, 1, 2);
            for (int e = 0; e < 3; e++) {
                assertThat(after.get(e).keySet()).isEqualTo(before.get(e).keySet());
                for (var name : after.get(e).keySet()) {
                    assertThat(after.get(e).get(name).mean())
                            .as("%d %s", e, name)
                            .containsExactly(before.get(e).get(name).mean());
                    assertThat(after.get(e).get(name).quantiles().get("q99"))
                            .containsExactly(before.get(e).get(name).quantiles().get("q99"));
                }
            }
        }
        assertThat(Verify.run(root, Verify.Settings.thorough(), (_, _) -> {}).findings()).isEmpty();
    }

    @Test
    void statisticsOfOtherProjectsCanBeTaken() {
        var root = folder.resolve("set");
        EpisodeFolder.write(root, EpisodeFolder.readAll(GoldenDatasetTest.golden("v3-image")));
        var file = folder.resolve("norm_stats.json");
        try (var golden = LeRobotDataset.open(GoldenDatasetTest.golden("v3-video"));
                var data = LeRobotDataset.open(root)) {
            NormStats.writeOpenpi(golden, file);
            NormStats.store(data, file);
            try (var again = LeRobotDataset.open(root)) {
                assertThat(again.stats().get("action").mean())
                        .containsExactly(golden.stats().get("action").mean());
                assertThat(again.stats().get("timestamp").mean())
                        .containsExactly(data.stats().get("timestamp").mean());
            }
        }
    }

    private Path older(String version) throws IOException {
        var root = folder.resolve(version);
        try (var data = LeRobotDataset.open(GoldenDatasetTest.golden("v3-image"))) {
            Rewrite.copy(data, Rewrite.Changes.none("v2.1"), root, (_, _) -> {});
        }
        return root;
    }

    @Test
    void recountingVersion21AlsoRenewsTheStatisticsOfEpisodes() throws IOException {
        var root = older("v2.1");
        var file = root.resolve("meta/episodes_stats.jsonl");
        var before = Files.readString(file);
        Files.writeString(file, "");
        try (var data = LeRobotDataset.open(root)) {
            Recount.write(data, Recount.of(data, (_, _) -> {}));
            assertThat(data.episodeStats().keySet()).containsExactly(0, 1, 2);
        }
        Files.writeString(folder.resolve("before"), before);
        var want = Json.lines(folder.resolve("before"));
        var got = Json.lines(file);
        for (int e = 0; e < want.size(); e++) {
            for (var key : List.of("action", "observation.state", "index", "timestamp"))
                assertThat(got.get(e).at("/stats").get(key))
                        .as("%d %s", e, key)
                        .isEqualTo(want.get(e).at("/stats").get(key));
        }
        assertThat(Verify.run(root, Verify.Settings.thorough(), (_, _) -> {}).findings()).isEmpty();
    }

    /// Version 2.0 has the files of 2.1, but its statistics in `stats.json` for the whole.
    @Test
    void version20IsReadVerifiedAndConverted() throws IOException {
        var root = older("v2.0");
        var golden = GoldenDatasetTest.golden("v3-image");
        Files.delete(root.resolve("meta/episodes_stats.jsonl"));
        Files.copy(golden.resolve("meta/stats.json"), root.resolve("meta/stats.json"));
        var info = root.resolve("meta/info.json");
        Files.writeString(info, Files.readString(info).replace("v2.1", "v2.0"));
        assertThat(Verify.run(root, Verify.Settings.thorough(), (_, _) -> {}).findings()).isEmpty();
        var newer = folder.resolve("v3.0");
        try (var a = LeRobotDataset.open(golden);
                var b = LeRobotDataset.open(root)) {
            assertThat(b.info().version()).isEqualTo("v2.0");
            assertThat(b.episodeStats()).isEmpty();
            assertThat(b.stats().get("action").mean())
                    .containsExactly(a.stats().get("action").mean());
            Rewrite.copy(b, Rewrite.Changes.none("v3.0"), newer, (_, _) -> {});
            try (var c = LeRobotDataset.open(newer)) {
                for (long i = 0; i < a.frames(); i++) {
                    assertThat(b.frame(i).task()).isEqualTo(a.frame(i).task());
                    for (var feature : a.features().values()) {
                        var name = feature.name();
                        if (feature.dtype().isPicture()) {
                            assertThat(b.frame(i).image(name)).isEqualTo(a.frame(i).image(name));
                            assertThat(c.frame(i).image(name)).isEqualTo(a.frame(i).image(name));
                        } else {
                            assertThat(b.frame(i).doubles(name))
                                    .containsExactly(a.frame(i).doubles(name));
                            assertThat(c.frame(i).doubles(name))
                                    .containsExactly(a.frame(i).doubles(name));
                        }
                    }
                }
            }
        }
    }
}
