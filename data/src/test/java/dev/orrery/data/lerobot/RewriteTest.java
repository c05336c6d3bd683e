package dev.orrery.data.lerobot;

import static dev.orrery.data.lerobot.LeRobotWriterTest.assertSame;
import static dev.orrery.data.lerobot.LeRobotWriterTest.episode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.data.lerobot.Rewrite.Changes;
import dev.orrery.env.Episode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RewriteTest {

    @TempDir Path folder;

    private static final Rewrite.Progress QUIET = (_, _) -> {};

    private Path write(String name, long... seeds) {
        var root = folder.resolve(name);
        var episodes =
                java.util.Arrays.stream(seeds).mapToObj(s -> episode(s, 3 + (int) s)).toList();
        EpisodeFolder.write(root, episodes);
        return root;
    }

    private static void assertSound(Path root) {
        assertThat(Verify.run(root, Verify.Settings.thorough(), (_, _) -> {}).findings()).isEmpty();
    }

    private static void copy(Path from, Changes changes, Path to) {
        try (var data = LeRobotDataset.open(from)) {
            Rewrite.copy(data, changes, to, QUIET);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v3-image", "v3-video"})
    void versionsAreConvertedThereAndBackWithoutLoss(String golden) {
        var from = GoldenDatasetTest.golden(golden);
        var old = folder.resolve("v21");
        var back = folder.resolve("v30");
        copy(from, Changes.none("v2.1"), old);
        copy(old, Changes.none("v3.0"), back);
        assertSound(old);
        assertSound(back);
        try (var a = LeRobotDataset.open(from);
                var b = LeRobotDataset.open(old);
                var c = LeRobotDataset.open(back)) {
            assertThat(b.info().version()).isEqualTo("v2.1");
            assertThat(c.tasks()).isEqualTo(a.tasks());
            for (long i = 0; i < a.frames(); i++) {
                for (var feature : a.features().values()) {
                    if (feature.dtype().isPicture()) {
                        assertThat(c.frame(i).image(feature.name()))
                                .isEqualTo(a.frame(i).image(feature.name()));
                    } else {
                        assertThat(c.frame(i).doubles(feature.name()))
                                .containsExactly(a.frame(i).doubles(feature.name()));
                        assertThat(b.frame(i).doubles(feature.name()))
                                .containsExactly(a.frame(i).doubles(feature.name()));
                    }
                }
            }
            a.stats()
                    .forEach((name, want) -> {
                        for (int d = 0; d < want.dimensions(); d++) {
                            assertThat(c.stats().get(name).mean()[d])
                                    .as(name)
                                    .isCloseTo(want.mean()[d], within(1e-6));
                            assertThat(c.stats().get(name).std()[d])
                                    .as(name)
                                    .isCloseTo(want.std()[d], within(1e-6));
                        }
                    });
        }
    }

    @Test
    void mergingNumbersEpisodesAndTasksAnew() {
        var a = write("a", 1, 3);
        var b = write("b", 2, 5);
        var out = folder.resolve("out");
        try (var first = LeRobotDataset.open(a);
                var second = LeRobotDataset.open(b)) {
            Rewrite.merge(List.of(first, second), Changes.none("v3.0"), out, QUIET);
        }
        assertSound(out);
        var found = EpisodeFolder.readAll(out);
        assertThat(found).hasSize(4);
        assertSame(found.get(2), episode(2, 5));
        try (var data = LeRobotDataset.open(out)) {
            assertThat(data.tasks()).containsOnlyKeys(0, 1);
        }
    }

    @Test
    void differentFeaturesAreMergedOnlyWithAMap() {
        var a = write("a", 1);
        var b = folder.resolve("b");
        copy(
                a,
                Changes.none("v3.0")
                        .renaming(Map.of("observation.images.wrist", "observation.images.hand")),
                b);
        try (var first = LeRobotDataset.open(a);
                var second = LeRobotDataset.open(b)) {
            assertThatThrownBy(() ->
                            Rewrite.merge(
                                    List.of(first, second),
                                    Changes.none("v3.0"),
                                    folder.resolve("c"),
                                    QUIET))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("observation.images.wrist")
                    .hasMessageContaining("observation.images.hand");
        }
        assertThat(folder.resolve("c.partial")).doesNotExist();
    }

    @Test
    void episodesAreDeletedInPlace() {
        var root = write("a", 1, 2, 3, 4);
        Rewrite.inPlace(
                root,
                out -> {
                    try (var data = LeRobotDataset.open(root)) {
                        Rewrite.select(
                                data,
                                place -> place != 1 && place != 2,
                                Changes.none("v3.0"),
                                out,
                                QUIET);
                    }
                });
        assertSound(root);
        var found = EpisodeFolder.readAll(root);
        assertThat(found).hasSize(2);
        assertSame(found.get(1), episode(4, 7));
        assertThat(folder.resolve("a.replaced")).doesNotExist();
    }

    @Test
    void whatCanBeMadeAgainTakesThePlaceOfWhatWasThere() throws IOException {
        var root = Files.createDirectory(folder.resolve("a"));
        Rewrite.anew(root, out -> EpisodeFolder.write(out, List.of(episode(1, 4), episode(2, 5))));
        for (var left : List.of("a.rewritten", "a.replaced", "a.rewritten.partial")) {
            Files.createDirectories(folder.resolve(left).resolve("meta"));
        }
        Files.createFile(root.resolve("meta/more.json"));
        Rewrite.anew(root, out -> EpisodeFolder.write(out, List.of(episode(3, 6))));
        assertSound(root);
        assertThat(EpisodeFolder.readAll(root)).hasSize(1);
        assertSame(EpisodeFolder.readAll(root).getFirst(), episode(3, 6));
        assertThat(root.resolve("meta/more.json")).doesNotExist();
        assertThat(folder.toFile().list()).containsExactly("a");
    }

    @Test
    void whatIsThereStaysIfItCannotBeMadeAgain() throws IOException {
        var root = write("a", 1, 2);
        Iterable<Episode<float[]>> broken =
                () ->
                        IntStream.range(0, 3)
                                .mapToObj(i -> {
                                    if (i == 2) throw new IllegalStateException("stopped");
                                    return episode(i, 4);
                                })
                                .iterator();
        assertThatThrownBy(() -> Rewrite.anew(root, out -> EpisodeFolder.write(out, broken)))
                .hasMessage("stopped");
        assertThatThrownBy(() ->
                        Rewrite.anew(
                                root,
                                out -> {
                                    EpisodeFolder.write(out, List.of(episode(3, 6)));
                                    throw new IllegalStateException("full");
                                }))
                .hasMessage("full");
        assertThat(EpisodeFolder.readAll(root)).hasSize(2);
        assertThat(folder.toFile().list()).containsExactly("a");

        var other = Files.createDirectory(folder.resolve("b"));
        Files.createFile(other.resolve("notes.txt"));
        assertThatThrownBy(() -> Rewrite.anew(other, _ -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("b holds files that are no data set; move them elsewhere");
        assertThat(other.resolve("notes.txt")).exists();
    }

    @Test
    void featuresAreRenamedRemovedAndRetold() {
        var root = write("a", 1, 2);
        var out = folder.resolve("out");
        copy(
                root,
                Changes.none("v3.0")
                        .renaming(Map.of("observation.images.wrist", "observation.images.hand"))
                        .removing(Set.of("next.success"))
                        .tasks(String::toUpperCase),
                out);
        assertSound(out);
        try (var data = LeRobotDataset.open(out)) {
            assertThat(data.features())
                    .containsKey("observation.images.hand")
                    .doesNotContainKeys("next.success", "observation.images.wrist");
            assertThat(data.tasks().values()).containsExactly("LIFT THE STAR", "PUSH THE CUBE");
            assertThat(data.frame(0).image("observation.images.hand"))
                    .isEqualTo(episode(1, 4).frames().getFirst().observation().image("wrist"));
        }
    }

    @Test
    void picturesAreTurnedIntoVideoAndCutWithoutAnotherLoss() {
        var root = write("a", 1, 2, 3);
        var video = folder.resolve("video");
        copy(
                root,
                Changes.none("v3.0").storing(Map.of("observation.images.overhead", Dtype.VIDEO)),
                video);
        assertSound(video);
        var cut = folder.resolve("cut");
        try (var data = LeRobotDataset.open(video)) {
            Rewrite.select(data, place -> place == 1, Changes.none("v3.0"), cut, QUIET);
        }
        assertSound(cut);
        try (var all = LeRobotDataset.open(video);
                var one = LeRobotDataset.open(cut)) {
            for (int i = 0; i < 5; i++) {
                assertThat(one.image(0, "observation.images.overhead", i))
                        .isEqualTo(all.image(1, "observation.images.overhead", i));
            }
        }
    }

    @Test
    void windowsClampToTheEpisodeAndSaySo() {
        var root = write("a", 1, 2);
        try (var data = LeRobotDataset.open(root)) {
            var windows =
                    Windows.of(
                            data,
                            Map.of(
                                    "action",
                                    new double[] {-0.1, 0, 0.1, 0.2},
                                    "observation.images.wrist",
                                    new double[] {0}),
                            1e-4);
            var first = windows.at(4); // The first frame of the second episode.
            assertThat(first.pad().get("action")).containsExactly(true, false, false, false);
            var actions = episode(2, 5).frames();
            assertThat(java.util.Arrays.copyOfRange(first.numbers().get("action"), 0, 4))
                    .containsExactly(actions.get(0).action());
            assertThat(java.util.Arrays.copyOfRange(first.numbers().get("action"), 12, 16))
                    .containsExactly(actions.get(2).action());
            var last = windows.at(8);
            assertThat(last.pad().get("action")).containsExactly(false, false, true, true);
            assertThat(last.images().get("observation.images.wrist"))
                    .containsExactly(actions.get(4).observation().image("wrist"));
            assertThatThrownBy(() -> Windows.of(data, Map.of("action", new double[] {0.15}), 1e-4))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no multiple of 1/10 s");
        }
    }

    @Test
    void quantilesOfMergedAndAppendedSetsAreThoseOfAllFrames() {
        var a = write("a", 1, 2);
        var b = write("b", 3);
        var merged = folder.resolve("merged");
        try (var one = LeRobotDataset.open(a);
                var two = LeRobotDataset.open(b)) {
            Rewrite.merge(List.of(one, two), Changes.none("v3.0"), merged, QUIET);
        }
        EpisodeFolder.append(a, episode(3, 6));
        try (var one = LeRobotDataset.open(a);
                var two = LeRobotDataset.open(merged)) {
            var exact = Recount.of(two, QUIET).total().get("action").quantiles();
            for (var data : List.of(one, two)) {
                var stats = data.stats().get("action").quantiles();
                assertThat(stats.get("exact_q10")).containsExactly(exact.get("exact_q10"));
                assertThat(stats.get("exact_q99")).containsExactly(exact.get("exact_q99"));
            }
        }
        // Without counts of what was there, nothing exact is claimed.
        assertThat(b.resolve("meta/histograms.json").toFile().delete()).isTrue();
        EpisodeFolder.append(b, episode(4, 5));
        try (var data = LeRobotDataset.open(b)) {
            assertThat(data.stats().get("action").quantiles()).doesNotContainKey("exact_q50");
        }
    }

    @Test
    void featuresAreAdded() {
        var from = write("from", 1, 2);
        var to = folder.resolve("to");
        var force = Feature.numbers("observation.force", Dtype.FLOAT32, List.of(2), List.of());
        copy(
                from,
                Changes.none("v3.0")
                        .adding(
                                List.of(
                                        new Rewrite.Addition(force, i -> Value.of(i, .5f * i)),
                                        new Rewrite.Addition(
                                                Feature.text("note"), i -> Value.of("n" + i)))),
                to);
        assertSound(to);
        try (var data = LeRobotDataset.open(to)) {
            for (int i = 0; i < data.frames(); i++) {
                assertThat(data.frame(i).floats("observation.force")).containsExactly(i, .5f * i);
                assertThat(data.frame(i).text("note")).isEqualTo("n" + i);
            }
            assertThat(data.stats().get("observation.force").max()[0]).isEqualTo(data.frames() - 1);
        }
        assertThatThrownBy(() ->
                        copy(
                                to,
                                Changes.none("v3.0")
                                        .adding(
                                                List.of(
                                                        new Rewrite.Addition(
                                                                force, _ -> Value.of(0f, 0f)))),
                                folder.resolve("twice")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two features would have one name");
    }

    @Test
    void ratesMeetWhenSetsAreMerged() {
        var slow = write("slow", 1);
        var fast = folder.resolve("fast");
        var features = EpisodeFolder.features(episode(2, 11), Dtype.IMAGE).stream().toList();
        try (var writer =
                LeRobotWriter.create(fast, LeRobotWriter.Settings.v3(25, "arm", features))) {
            EpisodeFolder.add(writer, episode(2, 11));
        }
        var out = folder.resolve("out");
        try (var a = LeRobotDataset.open(slow);
                var b = LeRobotDataset.open(fast)) {
            assertThatThrownBy(() -> Rewrite.merge(List.of(a, b), Changes.none("v3.0"), out, QUIET))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("25")
                    .hasMessageContaining("--fps 10");
            Rewrite.merge(List.of(a, b), Changes.none("v3.0").at(10, Set.of("action")), out, QUIET);
            assertSound(out);
            try (var merged = LeRobotDataset.open(out)) {
                assertThat(merged.fps()).isEqualTo(10);
                // 11 frames at 25 a second last 0.4 s: five frames at 10 a second.
                assertThat(merged.episodes().get(1).length()).isEqualTo(5);
                int[] nearest = {0, 3, 5, 8, 10};
                for (int i = 0; i < 5; i++) {
                    assertThat(merged.frame(1, i).floats("observation.state"))
                            .containsExactly(b.frame(0, nearest[i]).floats("observation.state"));
                    assertThat(merged.frame(1, i).image("observation.images.overhead"))
                            .isEqualTo(b.frame(0, nearest[i]).image("observation.images.overhead"));
                    int end = i < 4 ? nearest[i + 1] : 11;
                    double sum = 0;
                    for (int f = nearest[i]; f < end; f++)
                        sum += b.frame(0, f).doubles("action")[0];
                    assertThat(merged.frame(1, i).doubles("action")[0])
                            .isCloseTo(sum, within(1e-6));
                }
                assertThat(merged.frame(0, 2).floats("action"))
                        .containsExactly(a.frame(0, 2).floats("action"));
                assertThat(merged.frame(1, 4).flag("next.success"))
                        .isEqualTo(b.frame(0, 10).flag("next.success"));
            }
        }
        var faster = folder.resolve("faster");
        copy(slow, Changes.none("v3.0").at(20, Set.of()), faster);
        try (var data = LeRobotDataset.open(faster);
                var was = LeRobotDataset.open(slow)) {
            assertThat(data.frames()).isEqualTo(2 * was.frames() - 1);
            assertThat(data.frame(2).floats("action"))
                    .containsExactly(was.frame(1).floats("action"));
        }
        assertThatThrownBy(() ->
                        copy(
                                slow,
                                Changes.none("v3.0").at(20, Set.of("action")),
                                folder.resolve("never")))
                .hasMessageContaining("cannot be added up");
    }
}
