package dev.orrery.data.lerobot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.env.Image;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Data sets written by the Python library, compared with what it says they hold.
class GoldenDatasetTest {

    static Path golden(String name) {
        try {
            return Path.of(
                    Objects.requireNonNull(GoldenDatasetTest.class.getResource("/lerobot/" + name))
                            .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void everyNumberOfTheImageDataSetIsRead() {
        try (var data = LeRobotDataset.open(golden("v3-image"))) {
            checkNumbers(data, Json.object(golden("v3-image").resolve("expected.json")));
        }
    }

    @Test
    void everyNumberOfTheVideoDataSetIsRead() {
        try (var data = LeRobotDataset.open(golden("v3-video"))) {
            checkNumbers(data, Json.object(golden("v3-video").resolve("expected.json")));
        }
    }

    @Test
    void everyPictureOfTheImageDataSetIsExact() throws Exception {
        var expected = Json.object(golden("v3-image").resolve("expected.json"));
        try (var data = LeRobotDataset.open(golden("v3-image"))) {
            for (int e = 0; e < 3; e++) {
                var digest = MessageDigest.getInstance("SHA-256");
                for (int f = 0; f < data.episodes().get(e).length(); f++) {
                    digest.update(data.frame(e, f).image("observation.images.overhead").rgb());
                }
                assertThat(HexFormat.of().formatHex(digest.digest()))
                        .isEqualTo(
                                expected.at("/episodes/" + e + "/overhead_rgb_sha256").asString());
            }
        }
    }

    @Test
    void everyFrameOfTheVideosHasItsMeanColour() {
        var expected = Json.object(golden("v3-video").resolve("expected.json")).get("videos");
        try (var data = LeRobotDataset.open(golden("v3-video"))) {
            for (var camera : new String[] {"overhead", "wrist"}) {
                var key = "observation.images." + camera;
                var means =
                        expected.get("videos/" + key + "/chunk-000/file-000.mp4")
                                .get("frame_mean_rgb");
                assertThat(means.size()).isEqualTo((int) data.frames());
                for (int i = 0; i < means.size(); i++) {
                    var mean = mean(data.frame(i).image(key));
                    for (int c = 0; c < 3; c++) {
                        assertThat(mean[c])
                                .as("%s frame %d channel %d", camera, i, c)
                                .isCloseTo(means.get(i).get(c).doubleValue(), within(0.02));
                    }
                }
            }
        }
    }

    private static double[] mean(Image image) {
        var sum = new double[3];
        for (int i = 0; i < image.rgb().length; i++) sum[i % 3] += image.rgb()[i] & 0xff;
        for (int c = 0; c < 3; c++) sum[c] /= image.height() * image.width();
        return sum;
    }

    private static void checkNumbers(LeRobotDataset data, JsonNode expected) {
        assertThat(data.frames()).isEqualTo(expected.get("total_frames").asLong());
        assertThat(data.episodes()).hasSize(expected.get("episodes").size());
        for (int e = 0; e < data.episodes().size(); e++) {
            var want = expected.get("episodes").get(e);
            var episode = data.episodes().get(e);
            assertThat(episode.index()).isEqualTo(want.get("episode_index").asInt());
            assertThat(episode.length()).isEqualTo(want.get("length").asInt());
            assertThat(episode.tasks()).containsExactly(want.get("tasks").get(0).asString());
            assertThat(data.frame(e, 0).task()).isEqualTo(want.get("tasks").get(0).asString());
            int last = episode.length() - 1;
            assertFloats(data.frame(e, 0).floats("observation.state"), want.get("state_first"));
            assertFloats(data.frame(e, last).floats("observation.state"), want.get("state_last"));
            assertThat(data.frame(e, last).timestamp())
                    .isEqualTo(want.get("timestamp_last").asDouble());
            var actions = data.doubles(e, "action", 0, episode.length());
            for (int d = 0; d < 4; d++) {
                double sum = 0;
                for (int f = 0; f < episode.length(); f++) sum += actions[f * 4 + d];
                assertThat(sum)
                        .isCloseTo(want.get("action_sum_f64").get(d).asDouble(), within(1e-12));
            }
            long successes = 0;
            for (var flag : data.longs(e, "next.success", 0, episode.length())) successes += flag;
            assertThat(successes).isEqualTo(want.get("success_count").asLong());
        }
    }

    private static void assertFloats(float[] found, JsonNode expected) {
        assertThat(found.length).isEqualTo(expected.size());
        for (int i = 0; i < found.length; i++) {
            assertThat((double) found[i]).isEqualTo(expected.get(i).asDouble());
        }
    }
}
