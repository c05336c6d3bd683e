package dev.orrery.data.lerobot;

import static dev.orrery.data.lerobot.LeRobotWriterTest.episode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two writers at once, and writers that are stopped.
class WritersTest {

    @TempDir Path folder;

    private Path set() {
        var root = folder.resolve("set");
        EpisodeFolder.write(root, List.of(episode(1, 4), episode(2, 5)));
        return root;
    }

    private static void add(LeRobotWriter writer, int k) {
        EpisodeFolder.add(writer, episode(k, 3));
    }

    private static LeRobotWriter.Settings settings() {
        var features = EpisodeFolder.features(episode(1, 1), Dtype.IMAGE);
        return LeRobotWriter.Settings.v3(10, "arm", features);
    }

    @Test
    void aDataSetTakesOneWriterAtATime() {
        var root = set();
        try (var writer = LeRobotWriter.append(root)) {
            assertThatThrownBy(() -> LeRobotWriter.append(root))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("is being written by another program");
            assertThatThrownBy(() -> Rewrite.inPlace(root, _ -> {}))
                    .hasMessageContaining("is being written by another program");
            add(writer, 3);
        }
        try (var writer = LeRobotWriter.append(root)) {
            add(writer, 4);
        }
        try (var data = LeRobotDataset.open(root)) {
            assertThat(data.episodes()).hasSize(4);
        }
        assertThat(root.resolve(".writing")).doesNotExist();
    }

    @Test
    void aNewDataSetTakesOneWriterAtATime() {
        var root = folder.resolve("new");
        try (var writer = LeRobotWriter.create(root, settings())) {
            assertThatThrownBy(() -> LeRobotWriter.create(root, settings()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("is being written by another program");
            add(writer, 1);
        }
        assertThat(Verify.run(root, Verify.Settings.thorough(), (_, _) -> {}).findings()).isEmpty();
        assertThat(root.resolve(".writing")).doesNotExist();
    }

    /// Another process that is killed while it adds episodes, as by `kill -9`.
    public static final class Killed {
        public static void main(String[] args) {
            var writer = LeRobotWriter.append(Path.of(args[0]));
            for (int k = 3; k < 6; k++) add(writer, k);
            Runtime.getRuntime().halt(9);
        }
    }

    @Test
    void episodesOfAKilledWriterAreNotWrittenOverAndCanBeRescued() throws Exception {
        var root = set();
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var process =
                new ProcessBuilder(
                                java,
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Killed.class.getName(),
                                root.toString())
                        .inheritIO()
                        .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(9);
        try (var data = LeRobotDataset.open(root)) {
            assertThat(data.episodes()).as("what was complete before").hasSize(2);
        }
        assertThatThrownBy(() -> LeRobotWriter.append(root))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("file-001.parquet.partial is left")
                .hasMessageContaining("orrery data repair");
        var out = folder.resolve("rescued");
        var outcome = Repair.run(root, out, (_, _) -> {});
        assertThat(outcome.episodes()).isEqualTo(5);
        assertThat(Verify.run(out, Verify.Settings.thorough(), (_, _) -> {}).findings()).isEmpty();
        try (var data = LeRobotDataset.open(out)) {
            assertThat(data.frame(4, 0).task()).isEqualTo("lift the star");
        }
    }

    @Test
    void aWriterThatCannotFinishLetsGo() throws IOException {
        var root = set();
        var writer = LeRobotWriter.append(root);
        add(writer, 3);
        // A folder where a file has to go.
        Files.createDirectories(root.resolve("meta/stats.json.partial/x"));
        assertThatThrownBy(writer::close).hasMessageContaining("stats.json");
        try (var data = LeRobotDataset.open(root)) {
            assertThat(data.frames()).isGreaterThanOrEqualTo(9);
        }
        assertThat(root.resolve(".writing")).doesNotExist();
        assertThatThrownBy(() -> writer.add("t", Map.of()))
                .isInstanceOf(IllegalStateException.class);
    }
}
