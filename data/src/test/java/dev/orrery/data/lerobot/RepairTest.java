package dev.orrery.data.lerobot;

import static dev.orrery.data.lerobot.LeRobotWriterTest.assertSame;
import static dev.orrery.data.lerobot.LeRobotWriterTest.episode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.lerobot.LeRobotWriter.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RepairTest {

    @TempDir Path folder;

    private static Repair.Outcome repair(Path from, Path to) {
        return Repair.run(from, to, (_, _) -> {});
    }

    private static void assertSound(Path root) {
        assertThat(Verify.run(root, Verify.Settings.thorough(), (_, _) -> {}).findings()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = Dtype.class,
            names = {"IMAGE", "VIDEO"})
    void whatAStoppedWriterSavedIsRescued(Dtype pictures) {
        var root = folder.resolve("set");
        var writer =
                LeRobotWriter.create(
                        root,
                        Settings.v3(10, "arm", EpisodeFolder.features(episode(1, 1), pictures)));
        for (int e = 0; e < 3; e++) EpisodeFolder.add(writer, episode(e, 4 + e));
        // The process ends here: no footer, no metadata but the description.
        var out = folder.resolve("rescued");
        var outcome = repair(folder.resolve("set.partial"), out);
        assertThat(outcome.episodes()).isEqualTo(3);
        assertThat(outcome.frames()).isEqualTo(15);
        assertSound(out);
        if (pictures == Dtype.IMAGE) assertSame(EpisodeFolder.readAll(out).get(2), episode(2, 6));
        else
            assertThat(EpisodeFolder.readAll(out).get(2).frames().getFirst().action())
                    .containsExactly(episode(2, 6).frames().getFirst().action());
        writer.discard();
    }

    @Test
    void aFileThatIsCutOffGivesUpItsCompleteEpisodes() throws Exception {
        var root = folder.resolve("set");
        EpisodeFolder.write(root, List.of(episode(1, 6), episode(2, 7), episode(3, 8)));
        var file = root.resolve("data/chunk-000/file-000.parquet");
        var bytes = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length * 3 / 4));
        assertThatThrownBy(() -> LeRobotDataset.open(root).frame(0).floats("action"))
                .hasMessageContaining("no footer");
        var out = folder.resolve("rescued");
        var outcome = repair(root, out);
        assertThat(outcome.episodes()).isEqualTo(2);
        assertThat(outcome.notes()).anyMatch(n -> n.contains("13 rows were rescued"));
        assertSame(EpisodeFolder.readAll(out).get(1), episode(2, 7));
        assertSound(out);
    }

    @Test
    void filesOfThePythonLibraryAreRescuedToo() throws Exception {
        var root = folder.resolve("set");
        Files.createDirectories(root.resolve("data/chunk-000"));
        Files.createDirectories(root.resolve("meta"));
        var golden = GoldenDatasetTest.golden("v3-image");
        var bytes = Files.readAllBytes(golden.resolve("data/chunk-000/file-000.parquet"));
        Files.write(
                root.resolve("data/chunk-000/file-000.parquet"),
                java.util.Arrays.copyOf(bytes, bytes.length - 3000));
        Files.copy(golden.resolve("meta/info.json"), root.resolve("meta/info.json"));
        Files.copy(golden.resolve("meta/tasks.parquet"), root.resolve("meta/tasks.parquet"));
        var out = folder.resolve("rescued");
        assertThat(repair(root, out).episodes()).isGreaterThanOrEqualTo(2);
        assertSound(out);
        assertSame(EpisodeFolder.readAll(out).getFirst(), EpisodeFolder.readAll(golden).getFirst());
    }
}
