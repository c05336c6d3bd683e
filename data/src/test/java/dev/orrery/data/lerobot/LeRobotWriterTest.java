package dev.orrery.data.lerobot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.lerobot.LeRobotWriter.Settings;
import dev.orrery.data.media.VideoEncoding;
import dev.orrery.env.Episode;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeRobotWriterTest {

    @TempDir Path folder;

    static Image smooth(SplittableRandom random, int h, int w) {
        var rgb = new byte[h * w * 3];
        double phase = random.nextDouble(6), slope = 0.05 + random.nextDouble(0.1);
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] =
                    (byte)
                            (128
                                    + 90
                                            * Math.sin(
                                                    phase
                                                            + slope * (i / 3 % w)
                                                            + 0.05 * (i / 3 / w)
                                                            + i % 3));
        }
        return new Image(h, w, rgb);
    }

    static Episode<float[]> episode(long seed, int length) {
        var random = new SplittableRandom(seed);
        var frames = new ArrayList<Episode.Frame<float[]>>();
        for (int i = 0; i < length; i++) {
            var images = new LinkedHashMap<String, Image>();
            images.put("overhead", smooth(random, 64, 64));
            images.put("wrist", smooth(random, 32, 32));
            var state = new float[] {random.nextFloat(), random.nextFloat(), random.nextFloat(), 0};
            var action = new float[] {random.nextFloat(), -random.nextFloat(), 0.5f, 1};
            boolean last = i == length - 1;
            frames.add(
                    new Episode.Frame<>(
                            new Observation(
                                    images,
                                    state,
                                    seed % 2 == 0 ? "push the cube" : "lift the star"),
                            action,
                            last ? 1 : 0,
                            last,
                            last));
        }
        return new Episode<>(seed, frames, true);
    }

    static void assertSame(Episode<float[]> found, Episode<float[]> want) {
        assertThat(found.length()).isEqualTo(want.length());
        assertThat(found.success()).isEqualTo(want.success());
        for (int i = 0; i < want.length(); i++) {
            var a = found.frames().get(i);
            var b = want.frames().get(i);
            assertThat(a.observation().images()).isEqualTo(b.observation().images());
            assertThat(a.observation().state()).containsExactly(b.observation().state());
            assertThat(a.observation().text()).isEqualTo(b.observation().text());
            assertThat(a.action()).containsExactly(b.action());
            assertThat(a.success()).isEqualTo(b.success());
            assertThat(a.last()).isEqualTo(b.last());
        }
    }

    private static void assertSound(Path root) {
        assertThat(Verify.run(root, Verify.Settings.thorough(), (_, _) -> {}).findings()).isEmpty();
    }

    @Test
    void episodesComeBackAsTheyWere() {
        var root = folder.resolve("set");
        var episodes = List.of(episode(1, 5), episode(2, 1), episode(3, 17));
        EpisodeFolder.write(root, episodes);
        var found = EpisodeFolder.readAll(root);
        for (int i = 0; i < 3; i++) assertSame(found.get(i), episodes.get(i));
        assertSound(root);
        assertThat(folder.resolve("set.partial")).doesNotExist();
    }

    @Test
    void episodesAreAppendedInNewFiles() throws Exception {
        var root = folder.resolve("set");
        assertThat(EpisodeFolder.append(root, episode(1, 4))).isZero();
        var before = Files.readAllBytes(root.resolve("data/chunk-000/file-000.parquet"));
        assertThat(EpisodeFolder.append(root, episode(2, 6))).isEqualTo(1);
        assertThat(EpisodeFolder.append(root, episode(3, 3))).isEqualTo(2);
        assertThat(Files.readAllBytes(root.resolve("data/chunk-000/file-000.parquet")))
                .isEqualTo(before);
        var found = EpisodeFolder.readAll(root);
        assertSame(found.get(1), episode(2, 6));
        assertSame(found.get(2), episode(3, 3));
        try (var data = LeRobotDataset.open(root)) {
            assertThat(data.tasks())
                    .containsExactly(Map.entry(0, "lift the star"), Map.entry(1, "push the cube"));
            assertThat(data.stats().get("action").count()).isEqualTo(13);
        }
        assertSound(root);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v3.0", "v2.1"})
    void videosAreNearTheirPictures(String version) {
        for (var encoding : List.of(VideoEncoding.av1(), VideoEncoding.h264())) {
            var root = folder.resolve(version + encoding.codec());
            var features = EpisodeFolder.features(episode(1, 1), Dtype.VIDEO);
            var settings =
                    version.equals("v3.0")
                            ? Settings.v3(10, "arm", features)
                            : Settings.v21(10, "arm", features);
            try (var writer = LeRobotWriter.create(root, settings.withEncoding(encoding))) {
                for (int e = 0; e < 4; e++) EpisodeFolder.add(writer, episode(e, 3 + e));
            }
            assertSound(root);
            var found = EpisodeFolder.readAll(root);
            for (int e = 0; e < 4; e++) {
                var want = episode(e, 3 + e);
                for (int i = 0; i < want.length(); i++) {
                    assertThat(
                                    psnr(
                                            found.get(e)
                                                    .frames()
                                                    .get(i)
                                                    .observation()
                                                    .image("overhead"),
                                            want.frames().get(i).observation().image("overhead")))
                            .as("%s episode %d frame %d", encoding.codec(), e, i)
                            .isGreaterThan(30);
                }
            }
        }
    }

    private static double psnr(Image a, Image b) {
        double sum = 0;
        for (int i = 0; i < a.rgb().length; i++)
            sum += Math.pow((a.rgb()[i] & 0xff) - (b.rgb()[i] & 0xff), 2);
        return 10 * Math.log10(255 * 255 / (sum / a.rgb().length));
    }

    @Test
    void filesRollOverAtTheirSizeAndFoldersAtTheirCount() {
        var root = folder.resolve("set");
        var features =
                List.of(Feature.numbers("action", Dtype.FLOAT64, List.of(40_000), List.of()));
        var storage =
                new Info.Storage(
                        2, 1, 1, Info.Storage.v3().dataPath(), Info.Storage.v3().videoPath());
        var random = new SplittableRandom(3);
        try (var writer =
                LeRobotWriter.create(root, Settings.v3(10, "", features).withStorage(storage))) {
            for (int e = 0; e < 6; e++) {
                for (int i = 0; i < 2; i++)
                    writer.add("t", Map.of("action", Value.of(random.doubles(40_000).toArray())));
                writer.saveEpisode();
            }
        }
        assertThat(root.resolve("data/chunk-000/file-001.parquet")).exists();
        assertThat(root.resolve("data/chunk-001/file-000.parquet")).exists();
        assertThat(root.resolve("data/chunk-000/file-002.parquet")).doesNotExist();
        assertSound(root);
    }

    @Test
    void framesThatDoNotFitAreRefusedAndLeaveNothingBehind() {
        var root = folder.resolve("set");
        var features = EpisodeFolder.features(episode(1, 1), Dtype.IMAGE);
        try (var writer = LeRobotWriter.create(root, Settings.v3(10, "", features))) {
            var good = new LinkedHashMap<String, Value>();
            var frame = episode(1, 1).frames().getFirst();
            good.put(
                    "observation.images.overhead", Value.of(frame.observation().image("overhead")));
            good.put("observation.images.wrist", Value.of(frame.observation().image("wrist")));
            good.put("observation.state", Value.of(1f, 2f, 3f, 4f));
            good.put("action", Value.of(1f, 2f, 3f, 4f));
            good.put("next.success", Value.of(false));
            refused(writer, good, "action", Value.of(1f, 2f, 3f), "needs 4 numbers, got 3");
            refused(writer, good, "timestamp", Value.of(1f), "filled in by the writer");
            refused(writer, good, "acton", Value.of(1f), "there is no feature 'acton'");
            refused(
                    writer,
                    good,
                    "observation.images.wrist",
                    Value.of(frame.observation().image("overhead")),
                    "32 x 32, got a picture of 64 x 64");
            refused(writer, good, "next.success", Value.of(0.5f), "dtype bool");
            var less = new LinkedHashMap<>(good);
            less.remove("action");
            assertThatThrownBy(() -> writer.add("t", less))
                    .hasMessageContaining("lacks feature 'action'");
            assertThat(writer.pending()).isZero();
            assertThatThrownBy(writer::saveEpisode).isInstanceOf(IllegalStateException.class);
            writer.add("t", good);
            writer.clearEpisode();
            assertThat(writer.pending()).isZero();
            writer.add("t", good);
            writer.saveEpisode();
        }
        assertThatThrownBy(() -> LeRobotWriter.create(root, Settings.v3(10, "", features)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("exists already");
        assertSound(root);
    }

    private static void refused(
            LeRobotWriter writer,
            Map<String, Value> good,
            String name,
            Value value,
            String message) {
        var bad = new LinkedHashMap<>(good);
        bad.put(name, value);
        assertThatThrownBy(() -> writer.add("t", bad))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void statisticsAreThoseThatThePythonLibraryComputes() {
        var root = folder.resolve("set");
        try (var golden = LeRobotDataset.open(GoldenDatasetTest.golden("v3-image"))) {
            var episodes = EpisodeFolder.readAll(golden.root());
            EpisodeFolder.write(root, episodes);
            try (var ours = LeRobotDataset.open(root)) {
                golden.stats()
                        .forEach((name, want) -> {
                            var found = ours.stats().get(name);
                            assertThat(found.count()).as(name).isEqualTo(want.count());
                            for (int i = 0; i < want.dimensions(); i++) {
                                double scale = Math.max(1, want.max()[i] - want.min()[i]);
                                assertThat(found.mean()[i])
                                        .as(name)
                                        .isCloseTo(
                                                want.mean()[i],
                                                org.assertj.core.data.Offset.offset(1e-5 * scale));
                                assertThat(found.std()[i])
                                        .as(name)
                                        .isCloseTo(
                                                want.std()[i],
                                                org.assertj.core.data.Offset.offset(1e-4 * scale));
                                assertThat(found.min()[i])
                                        .as(name)
                                        .isCloseTo(
                                                want.min()[i],
                                                org.assertj.core.data.Offset.offset(1e-6));
                                assertThat(found.max()[i])
                                        .as(name)
                                        .isCloseTo(
                                                want.max()[i],
                                                org.assertj.core.data.Offset.offset(1e-6));
                                for (var q : want.quantiles().keySet()) {
                                    // The library interpolates within one of 5000 bins, and across
                                    // bins where it has one value.
                                    assertThat(found.quantiles().get(q)[i])
                                            .as("%s of %s", q, name)
                                            .isCloseTo(
                                                    want.quantiles().get(q)[i],
                                                    org.assertj.core.data.Offset.offset(
                                                            2e-3 * scale));
                                }
                            }
                        });
            }
        }
    }
}
