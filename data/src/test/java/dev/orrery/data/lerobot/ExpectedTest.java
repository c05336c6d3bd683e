package dev.orrery.data.lerobot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.data.lerobot.Verify.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Data sets of the Python library against the values it wrote beside them.
class ExpectedTest {

    @TempDir Path folder;

    private static Verify.Outcome verify(Path root) {
        return Verify.run(root, Settings.quick(), (_, _) -> {});
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

    @Test
    void everyValueOfTheImageDataSetIsCompared() {
        var outcome = verify(GoldenDatasetTest.golden("v3-image"));
        assertThat(outcome.findings()).isEmpty();
        // Three totals, and of each of three episodes nine values.
        assertThat(outcome.compared()).isEqualTo(2 + 1 + 3 * 9);
    }

    @Test
    void everyValueOfTheVideoDataSetIsCompared() {
        var outcome = verify(GoldenDatasetTest.golden("v3-video"));
        assertThat(outcome.findings()).isEmpty();
        assertThat(outcome.compared()).isEqualTo(2 + 1 + 3 * 8 + 2 * (2 + 1 + 49));
    }

    @ParameterizedTest
    @CsvSource({
        "v3-image, \"total_frames\": 49, \"total_frames\": 48, total_frames is 49",
        "v3-image, \"length\": 23, \"length\": 24, length is 23",
        "v3-image, push the red cube left, pull it, tasks is",
        "v3-image, 0.0341927669942379, 0.0341927769942379, state_first is",
        "v3-image, 0.6144, 0.5144, state_last is",
        "v3-image, 0.7331550568342209, 0.7331550578342209, action_sum_f64 is",
        "v3-image, \"success_count\": 1, \"success_count\": 2, success_count is 1",
        "v3-image, 1.600000023841858, 1.6, timestamp_last is",
        "v3-image, da1c5787, da1c5788, overhead_rgb_sha256 is da1c5787",
        "v3-image, \"episode_index\": 2, \"episode_index\": 7, no such episode",
        "v3-video, \"frames\": 49, \"frames\": 50, frames is 49",
        "v3-video, libdav1d, hevc, codec is av1",
        "v3-video, 68.934, 69.234, frame_mean_rgb[2] is",
        "v3-video, videos/observation.images.wrist/chunk-000, ../elsewhere, a path outside it",
    })
    void everyMismatchIsNamed(String golden, String from, String to, String message)
            throws IOException {
        var root = copy(golden);
        var file = root.resolve(Expected.FILE);
        var text = Files.readString(file);
        var pattern = from.equals("0.6144") ? "0\\.614363\\d+" : Pattern.quote(from);
        var changed = text.replaceFirst(pattern, to);
        assertThat(changed).isNotEqualTo(text);
        Files.writeString(file, changed);
        var outcome = verify(root);
        assertThat(outcome.sound()).isFalse();
        assertThat(outcome.findings()).anySatisfy(f -> assertThat(f.what()).contains(message));
    }

    @Test
    void whatIsNotUnderstoodIsSaid() throws IOException {
        var root = copy("v3-image");
        var file = root.resolve(Expected.FILE);
        var text = Files.readString(file);
        Files.writeString(file, text.replace("\"success_count\"", "\"torque_count\""));
        var outcome = verify(root);
        assertThat(outcome.sound()).isTrue();
        assertThat(outcome.findings())
                .hasSize(3)
                .allSatisfy(f -> assertThat(f.what()).contains("'torque_count'", "not compared"));
        Files.writeString(file, "{");
        assertThat(verify(root).findings())
                .singleElement()
                .satisfies(f ->
                        assertThat(f.what())
                                .contains("no valid JSON", "line 1", "column")
                                .doesNotContain("Source", "REDACTED"));
    }
}
