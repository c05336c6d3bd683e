package dev.orrery.system.pi0;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.data.lerobot.CameraSpec;
import dev.orrery.data.lerobot.Dtype;
import dev.orrery.data.lerobot.EpisodeFolder;
import dev.orrery.data.lerobot.Feature;
import dev.orrery.data.lerobot.LeRobotDataset;
import dev.orrery.data.lerobot.LeRobotWriter;
import dev.orrery.data.lerobot.Rewrite;
import dev.orrery.env.tabletop.Demonstration;
import dev.orrery.env.tabletop.Demonstrations;
import dev.orrery.env.tabletop.Family;
import dev.orrery.run.Metrics;
import dev.orrery.run.Progress;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Training from an exported data set is training from memory.
class Pi0FolderTest {

    private static final long SEED = 5;
    private static final List<String> FAMILIES = List.of("reach", "button");

    @TempDir Path folder;

    private static Pi0Config config(String data) {
        var smoke = Pi0Config.smoke().withoutGrounding();
        var training = smoke.training();
        return new Pi0Config(
                smoke.model(),
                new Pi0Config.Demonstrations(FAMILIES, 3, data),
                smoke.grounding(),
                new Pi0Config.Training(
                        52, 2, 1, 1e-3, training.grounding(), training.head(), training.times()),
                new Pi0Config.Evaluation(1, 8, 1));
    }

    private Path export(String name) {
        var families = FAMILIES.stream().map(Family::parse).toList();
        var demonstrations = Demonstrations.collect(families, 3, SEED, Demonstrations.NOISE);
        var root = folder.resolve(name);
        EpisodeFolder.write(root, demonstrations.stream().map(Demonstration::episode).toList());
        return root;
    }

    @Test
    void batchesFromADataSetAreThoseFromMemoryToTheBit() {
        var root = export("set");
        try (var memory = Pi0Data.record(config(""), SEED);
                var read = Pi0Data.open(config(root.toString()), root)) {
            assertThat(read.size()).isEqualTo(memory.size());
            assertThat(read.norms().states().mean()).isEqualTo(memory.norms().states().mean());
            assertThat(read.norms().actions().std()).isEqualTo(memory.norms().actions().std());
            for (int i = 0; i < 4; i++) {
                try (var _ = TensorScope.open()) {
                    var a = memory.batch(16, 0, Seed.of(i));
                    var b = read.batch(16, 0, Seed.of(i));
                    equal(a.state(), b.state());
                    equal(a.actions(), b.actions());
                    equal(a.real(), b.real());
                    equal(a.prompt().tokens(), b.prompt().tokens());
                    for (int camera = 0; camera < 2; camera++) {
                        equal(a.prompt().images().get(camera), b.prompt().images().get(camera));
                    }
                }
            }
        }
    }

    private static void equal(Tensor a, Tensor b) {
        assertThat(b.shape()).isEqualTo(a.shape());
        assertThat(b.equal(a)).isTrue();
    }

    @Test
    void theLossCurveIsTheSame() throws IOException {
        var memory = losses("memory", config(""));
        var read = losses("read", config(export("set").toString()));
        assertThat(read).hasSameSizeAs(memory).hasSizeGreaterThan(1);
        for (int i = 0; i < read.size(); i++) {
            assertThat(read.get(i)).as("step %d", i).isCloseTo(memory.get(i), within(1e-5));
        }
        assertThat(memory.getFirst()).isNotEqualTo(memory.getLast());
    }

    private List<Double> losses(String name, Pi0Config config) throws IOException {
        var info = RunInfo.now("pi0", "smoke", SEED, config);
        try (var run = Run.create(folder.resolve(name), info, Progress.silent())) {
            new Pi0Recipe().run(config, run);
        }
        return Metrics.read(folder.resolve(name)).stream()
                .map(entry -> entry.values().get("loss"))
                .filter(loss -> loss != null)
                .toList();
    }

    @Test
    void camerasThatDoNotFitAreNamedWithAWayOut() {
        var root = export("set");
        var renamed = folder.resolve("renamed");
        try (var data = LeRobotDataset.open(root)) {
            var names =
                    Map.of(
                            "observation.images.overhead", "observation.images.top",
                            "observation.images.wrist", "observation.images.hand");
            var changes = Rewrite.Changes.none("v3.0").renaming(names);
            Rewrite.copy(data, changes, renamed, (_, _) -> {});
        }
        assertThatThrownBy(() -> Pi0Data.open(config(""), renamed))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("observation.images.top")
                .hasMessageContaining("observation.images.overhead")
                .hasMessageContaining("orrery data rename");
    }

    @Test
    void anotherCameraThanTheTabletopsIsRefused() {
        var root = folder.resolve("other");
        var episode =
                Demonstrations.collect(List.of(Family.REACH), 1, SEED, 0).getFirst().episode();
        var features =
                EpisodeFolder.tabletop(episode, Dtype.IMAGE).stream()
                        .map(Pi0FolderTest::further)
                        .toList();
        try (var writer =
                LeRobotWriter.create(root, LeRobotWriter.Settings.v3(10, "arm", features))) {
            EpisodeFolder.add(writer, episode);
        }
        assertThatThrownBy(() -> Pi0Data.open(config(""), root))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'observation.images.wrist' is another camera")
                .hasMessageContaining("side is 0.5 in the data set and 0.3");
        assertThatThrownBy(() -> EpisodeFolder.append(root, episode))
                .hasMessageContaining("another camera");
    }

    private static Feature further(Feature feature) {
        return feature.name().endsWith("wrist")
                ? CameraSpec.downwards("gripper", -.16, .16, .5).on(feature)
                : feature;
    }

    @Test
    void aCameraThatIsMissingIsMasked() {
        var root = export("set");
        var blind = folder.resolve("blind");
        try (var data = LeRobotDataset.open(root)) {
            var changes =
                    Rewrite.Changes.none("v3.0")
                            .removing(java.util.Set.of("observation.images.wrist"));
            Rewrite.copy(data, changes, blind, (_, _) -> {});
        }
        try (var read = Pi0Data.open(config(""), blind);
                var _ = TensorScope.open()) {
            var prompt = read.batch(2, 0, Seed.of(1)).prompt();
            assertThat(prompt.seen().get(0).toBooleans()).containsOnly(true);
            assertThat(prompt.seen().get(1).toBooleans()).containsOnly(false);
        }
    }
}
