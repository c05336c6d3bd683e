package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.data.lerobot.Dtype;
import dev.orrery.data.lerobot.Feature;
import dev.orrery.data.lerobot.LeRobotDataset;
import dev.orrery.data.lerobot.LeRobotWriter;
import dev.orrery.data.lerobot.Value;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataConvertVerbTest {

    @TempDir Path folder;

    @Test
    void lerobotGoesToRldsAndBack() throws Exception {
        var root = folder.resolve("demo");
        var action = Feature.numbers("action", Dtype.FLOAT32, List.of(2), List.of());
        try (var writer =
                LeRobotWriter.create(root, LeRobotWriter.Settings.v3(7, "arm", List.of(action)))) {
            for (int i = 0; i < 3; i++) writer.add("push", Map.of("action", Value.of(i, -i)));
            writer.saveEpisode();
        }
        assertThat(run(root, "--to", "rlds", "--out", folder.resolve("rlds"))).isEqualTo(Main.DONE);
        var rlds = folder.resolve("rlds/demo/1.0.0");
        assertThat(run(rlds, "--to", "v2.1", "--out", folder.resolve("back"), "--json"))
                .isEqualTo(Main.DONE);
        try (var data = LeRobotDataset.open(folder.resolve("back"))) {
            assertThat(data.fps()).isEqualTo(7);
            assertThat(data.frame(2).floats("action")).containsExactly(2, -2);
        }
        Files.delete(rlds.resolve("metadata.json"));
        assertThat(run(rlds, "--out", folder.resolve("none"))).isEqualTo(Main.USAGE);
        assertThat(run(rlds, "--fps", "9", "--out", folder.resolve("nine"))).isEqualTo(Main.DONE);
        assertThat(run(rlds, "--fps", "9", "--mapping", "kuka", "--out", folder.resolve("kuka")))
                .isEqualTo(Main.FAILURE);
        assertThat(folder.resolve("kuka")).doesNotExist();
    }

    private static int run(Object... args) {
        var words = new java.util.ArrayList<>(List.of("data", "convert"));
        for (var arg : args) words.add(arg.toString());
        var quiet = new PrintWriter(new StringWriter());
        return Main.commandLine().setOut(quiet).setErr(quiet).execute(words.toArray(String[]::new));
    }
}
