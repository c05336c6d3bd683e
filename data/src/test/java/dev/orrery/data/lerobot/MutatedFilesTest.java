package dev.orrery.data.lerobot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.data.Mutations;
import dev.orrery.data.media.VideoFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Videos, lines of JSON and tables that were damaged at random.
@Timeout(60)
class MutatedFilesTest {

    private static final long SEED = 20_261_122;

    @TempDir Path folder;

    private static void copy(Path from, Path to) {
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                var place = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) Files.createDirectories(place);
                else Files.copy(file, place, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void damagedVideosAreReadOrRefused() throws IOException {
        var mutations = new Mutations(SEED);
        var golden = GoldenDatasetTest.golden("v3-video");
        var good =
                Files.readAllBytes(
                        golden.resolve("videos/observation.images.wrist/chunk-000/file-000.mp4"));
        for (int round = 0; round < 60; round++) {
            var file = Files.write(folder.resolve("v.mp4"), mutations.bytes(good));
            mutations.read(
                    () -> {
                        try (var video = VideoFile.open(file)) {
                            for (int i = 0; i < Math.min(6, video.frames()); i++)
                                video.frame(i * (video.frames() - 1) / 6);
                        }
                    },
                    round);
        }
        assertThat(mutations.refused()).as("refused").isPositive();
    }

    @Test
    void damagedLinesOfJsonAreReadOrRefused() throws IOException {
        var mutations = new Mutations(SEED);
        var root = folder.resolve("v21");
        try (var data = LeRobotDataset.open(GoldenDatasetTest.golden("v3-image"))) {
            Rewrite.copy(data, Rewrite.Changes.none("v2.1"), root, (_, _) -> {});
        }
        for (var name :
                new String[] {
                    "meta/info.json",
                    "meta/tasks.jsonl",
                    "meta/episodes.jsonl",
                    "meta/episodes_stats.jsonl"
                }) {
            var good = Files.readAllBytes(root.resolve(name));
            for (int round = 0; round < 50; round++) {
                Files.write(root.resolve(name), mutations.json(good));
                mutations.read(
                        () -> Verify.run(root, Verify.Settings.quick(), (_, _) -> {}), round);
                mutations.read(() -> use(root), round);
            }
            Files.write(root.resolve(name), good);
        }
        assertThat(mutations.refused()).as("refused").isPositive();
    }

    @Test
    void damagedDescriptionsOfVersion3AreReadOrRefused() throws IOException {
        var mutations = new Mutations(SEED);
        var root = folder.resolve("v3");
        copy(GoldenDatasetTest.golden("v3-image"), root);
        for (var name : new String[] {"meta/info.json", "meta/stats.json", Expected.FILE}) {
            var good = Files.readAllBytes(root.resolve(name));
            for (int round = 0; round < 50; round++) {
                Files.write(root.resolve(name), mutations.json(good));
                mutations.read(
                        () -> Verify.run(root, Verify.Settings.quick(), (_, _) -> {}), round);
                mutations.read(() -> use(root), round);
            }
            Files.write(root.resolve(name), good);
        }
        assertThat(mutations.refused()).as("refused").isPositive();
    }

    @Test
    void damagedTablesOfEpisodesAreReadOrRefused() throws IOException {
        var mutations = new Mutations(SEED);
        var root = folder.resolve("tables");
        copy(GoldenDatasetTest.golden("v3-image"), root);
        for (var name :
                new String[] {
                    "meta/tasks.parquet",
                    "meta/episodes/chunk-000/file-000.parquet",
                    "data/chunk-000/file-000.parquet"
                }) {
            var good = Files.readAllBytes(root.resolve(name));
            for (int round = 0; round < 50; round++) {
                Files.write(root.resolve(name), mutations.bytes(good));
                mutations.read(() -> use(root), round);
            }
            Files.write(root.resolve(name), good);
        }
        assertThat(mutations.refused()).as("refused").isPositive();
    }

    /// What a training run does: opens, looks at statistics, reads some frames.
    private static void use(Path root) {
        try (var data = LeRobotDataset.open(root)) {
            data.episodeStats();
            Preflight.of(data);
            for (int e = 0; e < Math.min(3, data.episodes().size()); e++) {
                if (data.episode(e).length() == 0) continue;
                var frame = data.frame(e, 0);
                frame.task();
                for (var feature : data.features().values()) {
                    if (feature.dtype().isPicture()) frame.image(feature.name());
                    else if (feature.dtype().isNumber()) frame.doubles(feature.name());
                }
            }
        }
    }
}
