package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.data.clips.OrvClips;
import dev.orrery.env.Film;
import dev.orrery.env.Image;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataClipsVerbTest {

    @TempDir Path folder;
    private final StringWriter out = new StringWriter(), err = new StringWriter();

    @BeforeEach
    void record() throws Exception {
        for (var name : List.of("one", "two")) {
            var frames = new ArrayList<Image>();
            for (int f = 0; f < 6; f++) {
                var rgb = new byte[12 * 16 * 3];
                rgb[3 * f] = (byte) 255;
                frames.add(new Image(12, 16, rgb));
            }
            Film.gif(folder.resolve("videos/" + name + ".gif"), frames, 100);
        }
        Files.writeString(
                folder.resolve("videos/one.actions.json"),
                "[\"left\", \"left\", \"jump\", \"left\", \"jump\", \"left\"]");
    }

    private int run(Object... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        var words = new ArrayList<>(List.of("data", "clips"));
        for (var arg : args) words.add(arg.toString());
        return Main.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(words.toArray(String[]::new));
    }

    @Test
    void aFolderBecomesAFileThatCanBeLookedAt() {
        var videos = folder.resolve("videos");
        var file = folder.resolve("clips.orv");
        assertThat(run("info", videos)).isEqualTo(Main.DONE);
        assertThat(out.toString()).contains("frames", "12", "two.gif: 6 frames kept of 12 x 16");
        assertThat(run("convert", videos, "--size", "12x12", "--cut", "4", "--out", file))
                .isEqualTo(Main.DONE);
        assertThat(err.toString())
                .contains("12 x 16 to 12 x 12, cut to the middle 12 x 12")
                .contains("1 of 2 videos have no actions")
                .contains("about");
        try (var clips = OrvClips.open(file)) {
            assertThat(clips.episodes()).hasSize(4);
            assertThat(clips.actionNames()).containsExactly("jump", "left");
        }
        assertThat(run("info", file, "--json")).isEqualTo(Main.DONE);
        assertThat(out.toString()).contains("\"episodes\" : 4");
        assertThat(run("viz", file, "--frames", "3", "--out", folder.resolve("a.png")))
                .isEqualTo(Main.DONE);
        assertThat(out.toString()).contains("'one.gif#0', frames 0 to 2, left left jump");
        assertThat(run("viz", file, "--episode", "1", "--out", folder.resolve("a.gif")))
                .isEqualTo(Main.DONE);
        assertThat(folder.resolve("a.gif")).isNotEmptyFile();
    }

    @Test
    void whatDoesNotFitIsToldWithWhatWould() throws Exception {
        var videos = folder.resolve("videos");
        assertThat(run("convert", videos, "--size", "64", "--out", folder.resolve("x.orv")))
                .isEqualTo(Main.USAGE);
        assertThat(err.toString()).contains("such as 64x64");
        assertThat(run("convert", videos)).isEqualTo(Main.USAGE);
        assertThat(run("convert", videos, "--fit", "krop", "--out", folder.resolve("x.orv")))
                .isEqualTo(Main.USAGE);
        assertThat(err.toString()).contains("crop, pad, stretch");
        Files.write(videos.resolve("bad.gif"), new byte[40]);
        assertThat(run("convert", videos, "--out", folder.resolve("x.orv")))
                .isEqualTo(Main.FAILURE);
        assertThat(err.toString()).contains("bad.gif").contains("--skip-bad");
        assertThat(run("convert", videos, "--skip-bad", "--out", folder.resolve("x.orv")))
                .isEqualTo(Main.DONE);
        assertThat(err.toString()).contains("bad.gif");
    }
}
