package dev.orrery.data.lerobot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.data.lerobot.Verify.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyTest {

    @TempDir Path folder;

    private static Verify.Outcome verify(Path root) {
        return Verify.run(root, Settings.thorough(), (_, _) -> {});
    }

    private Path copy(String golden) throws IOException {
        var from = GoldenDatasetTest.golden(golden);
        var to = folder.resolve(golden);
        try (var files = Files.walk(from)) {
            files.forEach(file -> {
                try {
                    Files.copy(file, to.resolve(from.relativize(file).toString()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        return to;
    }

    private static void edit(Path file, String from, String to) throws IOException {
        var text = Files.readString(file);
        assertThat(text).contains(from);
        Files.writeString(file, text.replaceFirst(java.util.regex.Pattern.quote(from), to));
    }

    @Test
    void dataSetsOfThePythonLibraryAreSound() {
        for (var golden : new String[] {"v3-image", "v3-video"}) {
            var outcome = verify(GoldenDatasetTest.golden(golden));
            assertThat(outcome.findings()).isEmpty();
            assertThat(outcome.frames()).isEqualTo(49);
        }
    }

    @Test
    void anUnknownKeyIsAWarning() throws IOException {
        var root = copy("v3-image");
        edit(root.resolve("meta/info.json"), "\"fps\"", "\"colour\": 3, \"fps\"");
        var outcome = verify(root);
        assertThat(outcome.sound()).isTrue();
        assertThat(outcome.findings()).singleElement().asString().contains("'colour'");
    }

    @Test
    void sizesOfFilesMayBeFractions() throws IOException {
        var root = copy("v3-image");
        var info = root.resolve("meta/info.json");
        edit(info, "\"data_files_size_in_mb\": 100", "\"data_files_size_in_mb\": 0.05");
        assertThat(verify(root).findings()).isEmpty();
        assertThat(Info.read(info).toJson().path("data_files_size_in_mb").asDouble())
                .isEqualTo(0.05);
        edit(info, "\"data_files_size_in_mb\": 0.05", "\"data_files_size_in_mb\": 0");
        assertThat(verify(root).findings())
                .anySatisfy(f -> assertThat(f.what()).contains("must be a number above 0"));
    }

    @Test
    void wrongTotalsAreFound() throws IOException {
        var root = copy("v3-image");
        edit(root.resolve("meta/info.json"), "\"total_frames\": 49", "\"total_frames\": 50");
        assertThat(verify(root).findings())
                .anySatisfy(f -> assertThat(f.what()).contains("total_frames is 50, but 49"));
    }

    @Test
    void wrongStatisticsAreFound() throws IOException {
        var root = copy("v3-image");
        edit(root.resolve("meta/stats.json"), "0.03746278317911284", "0.0474");
        assertThat(verify(root).findings())
                .singleElement()
                .satisfies(f ->
                        assertThat(f.what())
                                .contains("mean of action[0] (dx) is stated as 0.0474"));
    }

    @Test
    void aWrongRateShowsAsTimestampsOffTheirPlace() throws IOException {
        var root = copy("v3-image");
        edit(root.resolve("meta/info.json"), "\"fps\": 10", "\"fps\": 30");
        assertThat(verify(root).findings())
                .anySatisfy(f -> {
                    assertThat(f.what())
                            .contains("timestamp is 0.100000 s where 0.033333 s is due");
                    assertThat(f.episode()).isEqualTo(0);
                    assertThat(f.frame()).isEqualTo(1);
                });
    }

    @Test
    void missingFilesAreNamed() throws IOException {
        var root = copy("v3-video");
        Files.delete(root.resolve("videos/observation.images.wrist/chunk-000/file-000.mp4"));
        assertThat(verify(root).findings())
                .anySatisfy(f ->
                        assertThat(f.toString())
                                .contains("observation.images.wrist/chunk-000/file-000.mp4")
                                .contains("missing"));
        Files.delete(root.resolve("data/chunk-000/file-000.parquet"));
        assertThat(verify(root).sound()).isFalse();
        Files.delete(root.resolve("meta/info.json"));
        assertThat(verify(root).findings())
                .singleElement()
                .asString()
                .contains("is no LeRobot data set");
    }

    @Test
    void unsafeNamesAndRatesAreRefused() throws IOException {
        var root = copy("v3-image");
        edit(root.resolve("meta/info.json"), "\"next.success\"", "\"../next\"");
        assertThat(verify(root).findings())
                .singleElement()
                .asString()
                .contains("not safe in a path");
        root.resolve("meta/info.json").toFile().delete();
        Files.copy(
                GoldenDatasetTest.golden("v3-image").resolve("meta/info.json"),
                root.resolve("meta/info.json"));
        edit(root.resolve("meta/info.json"), "\"fps\": 10", "\"fps\": 0");
        assertThat(verify(root).findings()).singleElement().asString().contains("'fps' is 0");
    }
}
