package dev.orrery.data.lerobot;

import static dev.orrery.data.lerobot.LeRobotWriterTest.assertSame;
import static dev.orrery.data.lerobot.LeRobotWriterTest.episode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.data.lerobot.Rewrite.Changes;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
}
