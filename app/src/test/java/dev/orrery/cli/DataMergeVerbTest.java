package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.data.lerobot.Dtype;
import dev.orrery.data.lerobot.Feature;
import dev.orrery.data.lerobot.LeRobotDataset;
import dev.orrery.data.lerobot.LeRobotWriter;
import dev.orrery.data.lerobot.Value;
import dev.orrery.env.Image;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What people ask for most: data sets of other cameras and rates in one.
class DataMergeVerbTest {

    @TempDir Path folder;

    private Path set(String name, String camera, int fps, int frames) {
        var root = folder.resolve(name);
        var action = Feature.numbers("action", Dtype.FLOAT32, List.of(1), List.of());
        var features = List.of(action, Feature.picture(camera, Dtype.IMAGE, 16, 16));
        try (var writer =
                LeRobotWriter.create(root, LeRobotWriter.Settings.v3(fps, "arm", features))) {
            for (int i = 0; i < frames; i++) {
                var picture = Value.of(new Image(16, 16, new byte[16 * 16 * 3]));
                writer.add("push", Map.of("action", Value.of((float) i), camera, picture));
            }
            writer.saveEpisode();
        }
        return root;
    }

    @Test
    void camerasAndRatesThatDifferAreBroughtTogether() {
        var one = set("one", "observation.images.top", 10, 4);
        var two = set("two", "observation.images.overhead", 20, 7);
        var out = folder.resolve("out");
        assertThat(run("merge", one, two, "--out", out)).isEqualTo(Main.USAGE);
        assertThat(out).doesNotExist();
        var rename = "observation.images.top=observation.images.overhead";
        assertThat(run("merge", one, two, "--rename", rename, "--fps", 10, "--out", out))
                .isEqualTo(Main.DONE);
        try (var data = LeRobotDataset.open(out)) {
            assertThat(data.episodes()).extracting(e -> e.length()).containsExactly(4, 4);
            assertThat(data.info().cameras())
                    .extracting(Feature::name)
                    .containsExactly("observation.images.overhead");
            assertThat(data.floats(1, "action", 0, 4)).containsExactly(0, 2, 4, 6);
        }
        var wrong = "observation.images.left=observation.images.overhead";
        assertThat(run("merge", one, two, "--rename", wrong, "--fps", 10, "--out", out + "2"))
                .isEqualTo(Main.USAGE);
        assertThat(run("merge", one, two, "--store", "*=film", "--out", out + "2"))
                .isEqualTo(Main.USAGE);
    }

    @Test
    void featuresComeAndGo() {
        var one = set("one", "observation.images.top", 10, 3);
        assertThat(run("add-feature", one, "--feature", "next.reward", "--fill", "0.5"))
                .isEqualTo(Main.DONE);
        try (var data = LeRobotDataset.open(one)) {
            assertThat(data.frame(2).floats("next.reward")).containsExactly(.5f);
        }
        assertThat(run("add-feature", one, "--feature", "next.reward", "--fill", "1"))
                .isEqualTo(Main.USAGE);
        assertThat(run("remove-feature", one, "--feature", "next.reward")).isEqualTo(Main.DONE);
        assertThat(run("remove-feature", one, "--feature", "next.reward")).isEqualTo(Main.USAGE);
        assertThat(run("verify", one)).isEqualTo(Main.DONE);
    }

    private static int run(Object... args) {
        var words = new java.util.ArrayList<>(List.of("data"));
        for (var arg : args) words.add(arg.toString());
        var quiet = new PrintWriter(new StringWriter());
        return Main.commandLine().setOut(quiet).setErr(quiet).execute(words.toArray(String[]::new));
    }
}
