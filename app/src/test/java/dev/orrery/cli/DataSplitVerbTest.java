package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataSplitVerbTest {

    @TempDir private Path folder;

    @Test
    void nothingIsWrittenWhereAPartCannotBe() {
        var data = folder.resolve("data").toString();
        var out = folder.resolve("parts");
        assertThat(run("data", "record", "--out", data, "--families", "reach", "--per-family", "2"))
                .isEqualTo(Main.DONE);
        refused("more than 1", data, out, "train=0.9", "test=0.9");
        refused("episodes 0 to 1, not 5-9", data, out, "train=0", "test=5-9");
        refused("none of 2 episodes", data, out, "train=0.9", "test=0.1");
        assertThat(out).doesNotExist();
        assertThat(run("data", "split", data, "--out", out.toString(), "--part", "one=0"))
                .isEqualTo(Main.DONE);
        refused("one exists already", data, out, "two=1", "one=0");
        assertThat(out.resolve("two")).doesNotExist();
    }

    @Test
    void aPictureOfAnotherKindIsRefused() {
        var out = folder.resolve("x.xyz");
        Refusals.isRefused("ends in .png", "data", "viz", "nowhere", "--out", out.toString());
    }

    @Test
    void recordingIsRefusedBeforeItBegins() {
        var data = folder.resolve("data").toString();
        Refusals.isRefused("--to v5: choose v3.0 or v2.1", record(data, "--to", "v5"));
        Refusals.isRefused("--noise NaN", record(data, "--noise", "NaN"));
        Refusals.isRefused("--noise -1", record(data, "--noise", "-1"));
        Refusals.isRefused("exists already", record(folder.toString(), "--per-family", "99999"));
        var fresh = folder.resolve("fresh").toString();
        Refusals.isRefused(
                "--per-family 2000000000: record 1 to 100000",
                record(fresh, "--per-family", "2000000000"));
    }

    private static String[] record(String out, String option, String value) {
        return new String[] {"data", "record", "--out", out, option, value};
    }

    private static void refused(String said, String data, Path out, String first, String second) {
        Refusals.isRefused(
                said,
                "data",
                "split",
                data,
                "--out",
                out.toString(),
                "--part",
                first,
                "--part",
                second);
    }

    private static int run(String... args) {
        return Main.commandLine().setOut(new PrintWriter(new StringWriter())).execute(args);
    }
}
