package dev.orrery.data.rlds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.data.Mutations;
import dev.orrery.data.lerobot.Dtype;
import dev.orrery.data.lerobot.Feature;
import dev.orrery.data.lerobot.LeRobotDataset;
import dev.orrery.data.lerobot.LeRobotWriter;
import dev.orrery.data.lerobot.Value;
import dev.orrery.env.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Records, examples and descriptions that were damaged at random.
@Timeout(60)
class MutatedRecordsTest {

    private static final long SEED = 20_261_122;

    @TempDir Path folder;

    private Path rlds() {
        var features =
                List.of(
                        Feature.picture("observation.images.wrist", Dtype.IMAGE, 6, 8),
                        Feature.numbers("observation.state", Dtype.FLOAT64, List.of(2), List.of()),
                        Feature.numbers("action", Dtype.FLOAT32, List.of(7), List.of()));
        var root = folder.resolve("demo");
        try (var writer =
                LeRobotWriter.create(root, LeRobotWriter.Settings.v3(5, "arm", features))) {
            for (int i = 0; i < 6; i++) {
                writer.add(
                        "task",
                        Map.of(
                                "observation.images.wrist",
                                Value.of(new Image(6, 8, new byte[6 * 8 * 3])),
                                "observation.state",
                                Value.of(.5 * i, 2),
                                "action",
                                Value.of(i, 0f, 1f, 2f, 3f, 4f, 5f)));
                if (i % 3 == 2) writer.saveEpisode();
            }
        }
        try (var data = LeRobotDataset.open(root)) {
            return RldsConvert.toRlds(data, folder.resolve("out"), "demo", (_, _) -> {});
        }
    }

    private static void use(Path root) {
        var data = RldsDataset.open(root);
        data.each(
                "train",
                episode -> {
                    episode.numbers("steps/action", 0);
                    episode.numbers("steps/observation/state", 0);
                    episode.text("steps/language_instruction", 0);
                    episode.image("steps/observation/wrist", 0);
                });
    }

    private static Path shard(Path root) throws IOException {
        try (var files = Files.list(root)) {
            return files.filter(f -> f.toString().contains(".tfrecord-")).findFirst().orElseThrow();
        }
    }

    @Test
    void damagedFilesOfRecordsAreReadOrRefused() throws IOException {
        var mutations = new Mutations(SEED);
        var root = rlds();
        var shard = shard(root);
        var good = Files.readAllBytes(shard);
        for (int round = 0; round < 100; round++) {
            Files.write(shard, mutations.bytes(good));
            mutations.read(() -> use(root), round);
        }
        assertThat(mutations.refused()).as("refused").isPositive();
    }

    @Test
    void damagedExamplesWithSoundChecksumsAreReadOrRefused() throws IOException {
        var mutations = new Mutations(SEED);
        var root = rlds();
        var shard = shard(root);
        byte[] good;
        try (var reader = TfRecords.Reader.open(shard)) {
            good = reader.next().orElseThrow();
        }
        for (int round = 0; round < 400; round++) {
            try (var writer = TfRecords.Writer.create(shard)) {
                writer.add(mutations.bytes(good));
            }
            mutations.read(() -> use(root), round);
        }
        assertThat(mutations.refused()).as("refused").isPositive();
    }

    @Test
    void damagedDescriptionsAreReadOrRefused() throws IOException {
        var mutations = new Mutations(SEED);
        var root = rlds();
        for (var name : new String[] {"dataset_info.json", "features.json", "metadata.json"}) {
            var good = Files.readAllBytes(root.resolve(name));
            for (int round = 0; round < 100; round++) {
                Files.write(root.resolve(name), mutations.json(good));
                mutations.read(
                        () -> {
                            try {
                                use(root);
                            } catch (IllegalArgumentException e) {
                                // The split that is asked for may be gone.
                                if (!e.getMessage().contains("has no split")) throw e;
                            }
                        },
                        round);
            }
            Files.write(root.resolve(name), good);
        }
        assertThat(mutations.refused()).as("refused").isPositive();
    }
}
