package dev.orrery.system.pi0;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.catalog.FinetuneRun;
import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.Norms;
import dev.orrery.policy.Statistics;
import dev.orrery.policy.finetune.AdapterFiles;
import dev.orrery.policy.finetune.Finetune;
import dev.orrery.policy.finetune.FinetuneConfig;
import dev.orrery.policy.finetune.Preflight;
import dev.orrery.policy.finetune.TinyRobot;
import dev.orrery.run.Metrics;
import dev.orrery.run.Progress;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import dev.orrery.run.RunStopped;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A published folder with a tiny network, adapted to a tiny robot's data set.
class Pi0FinetuneTest {

    private static final int DIMS = 5;

    @TempDir Path folder;
    private Path data;

    @BeforeEach
    void record() {
        data = record("robot", DIMS, Map.of("front", 20), true);
    }

    private Path record(String name, int dims, Map<String, Integer> cameras, boolean moving) {
        return TinyRobot.record(folder.resolve(name), dims, cameras, moving);
    }

    private Path published(String name) throws Exception {
        var statistics = Statistics.of(List.of(new float[DIMS], new float[] {1, 1, 1, 1, 1}));
        var variant = name.equals("pi0") ? Pi0Variant.PI0 : Pi0Variant.PI05;
        var rule = Pi0Published.rule(variant);
        return PublishedFolder.write(
                name,
                folder.resolve("published-" + name),
                new Norms(statistics, rule, statistics, rule, 1e-8));
    }

    private static FinetuneConfig config(Path base, Path data, int steps) {
        var usual = Pi0Apprentice.usual(base, data);
        return new FinetuneConfig(
                usual.checkpoint(),
                usual.data(),
                List.of(),
                List.of(),
                FinetuneConfig.Source.DATA,
                List.of(),
                new FinetuneConfig.Adapted(
                        FinetuneConfig.Method.LORA,
                        2,
                        4,
                        Pi0Apprentice.EXPERT_ATTENTION,
                        List.of()),
                new FinetuneConfig.Training(steps, 4, 2, 1e-2, 5));
    }

    private static Run run(Path folder, FinetuneConfig config) {
        var info = RunInfo.now(FinetuneRun.NAME, "custom", 7, config);
        return Run.create(folder, info, Progress.silent());
    }

    private static Pi0Policy policy(Finetune finetune) {
        return ((Pi0Apprentice) finetune.apprentice()).policy();
    }

    private static Observation seen() {
        var images = new LinkedHashMap<String, Image>();
        images.put("front", TinyRobot.grey(20));
        return new Observation(images, new float[] {.1f, 0, .3f, 0, -.2f}, "pick up the red block");
    }

    private static float[][] chunk(Pi0Policy policy) {
        policy.reset(4);
        return policy.chunk(seen(), ChunkPolicy.Held.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pi0", "pi05"})
    void aPolicyLearnsTheDataAndIsOpenedFromBaseAndAdapterOrMerged(String name) throws Exception {
        var base = published(name);
        var config = config(base, data, 40);
        var adapterFolder = folder.resolve("run/adapter");
        float[][] trained;
        try (var finetune = FinetuneRun.open(config, 7);
                var run = run(folder.resolve("run"), config)) {
            var checked = FinetuneRun.preflight(finetune);
            assertThat(checked.lines())
                    .containsEntry("data", "2 episodes, 24 frames at 10 fps, 1 tasks")
                    .containsEntry("state", "5 of 8 dimensions");
            assertThat(checked.lines().get("cameras")).contains("<- front", "nothing (masked)");
            assertThat(checked.trained()).isPositive().isLessThan(checked.frozen());
            assertThat(checked.bytes()).isGreaterThan(4 * checked.frozen());
            assertThat(checked.secondsPerStep()).isPositive();
            FinetuneRun.train(finetune, run);
            trained = chunk(policy(finetune));
            finetune.merge(folder.resolve("merged"));
            assertThat(chunk(policy(finetune))).isDeepEqualTo(trained);
        }
        var losses =
                Metrics.read(folder.resolve("run")).stream()
                        .map(entry -> entry.values().get("loss"))
                        .toList();
        assertThat(losses.getLast()).isLessThan(.9 * losses.getFirst());
        assertThat(chunk(Pi0AdapterFolder.policy(base, adapterFolder, 10))).isDeepEqualTo(trained);
        var merged = Pi0Checkpoint.open(folder.resolve("merged"));
        var cameras =
                new dev.orrery.policy.CameraMap(
                        merged.manner().cameras(),
                        Map.of(merged.manner().cameras().getFirst(), "front"));
        var same = chunk(merged.policy(cameras, 10));
        for (int h = 0; h < same.length; h++) {
            assertThat(same[h])
                    .containsExactly(trained[h], org.assertj.core.data.Offset.offset(1e-3f));
        }
        try (var _ = TensorScope.open()) {
            var names =
                    Safetensors.read(adapterFolder.resolve("adapter_model.safetensors")).keySet();
            assertThat(names).allMatch(n -> n.startsWith("base_model.model."));
            assertThat(names).contains("base_model.model.action_in_proj.weight");
            assertThat(names).anyMatch(n -> n.endsWith("q_proj.lora_A.weight"));
        }
    }

    @Test
    void aRunThatIsBrokenOffGoesOnToTheBit() throws Exception {
        var base = published("pi0");
        var config = config(base, data, 12);
        try (var finetune = FinetuneRun.open(config, 7);
                var run = run(folder.resolve("whole"), config)) {
            FinetuneRun.train(finetune, run);
        }
        try (var finetune = FinetuneRun.open(config, 7);
                var run = run(folder.resolve("broken"), config)) {
            run.requestStop();
            assertThatThrownBy(() -> FinetuneRun.train(finetune, run))
                    .isInstanceOf(RunStopped.class)
                    .hasMessageContaining("go on with: orrery finetune --resume --run-dir ");
        }
        try (var run = Run.reopen(folder.resolve("broken"), Progress.silent());
                var finetune = FinetuneRun.open(config, 7)) {
            FinetuneRun.train(finetune, run);
        }
        AdapterFiles.areTheSame(folder.resolve("whole"), folder.resolve("broken"));
        try (var run = Run.reopen(folder.resolve("broken"), Progress.silent());
                var finetune = FinetuneRun.open(config, 7)) {
            var losses = Metrics.read(run.folder()).getLast().values();
            assertThat(FinetuneRun.train(finetune, run).get("loss"))
                    .as("of a run that had ended")
                    .isEqualTo(losses.get("loss"));
        }
    }

    private static FinetuneConfig gently(FinetuneConfig config) {
        var t = config.training();
        return new FinetuneConfig(
                config.checkpoint(),
                config.data(),
                config.cameras(),
                config.relative(),
                config.statistics(),
                config.constant(),
                config.adapter(),
                new FinetuneConfig.Training(
                        t.steps(), t.batch(), t.draws(), t.learningRate(), 5, true, .9));
    }

    @Test
    void changedPicturesAndAveragedWeightsGoOnToTheBitAndAreNamed() throws Exception {
        var base = published("pi0");
        var plain = config(base, data, 12);
        var config = gently(plain);
        try (var finetune = FinetuneRun.open(plain, 7);
                var run = run(folder.resolve("plain"), plain)) {
            assertThat(FinetuneRun.preflight(finetune).lines())
                    .containsEntry("pictures", "as they are")
                    .containsEntry("kept", "the last weights");
            FinetuneRun.train(finetune, run);
        }
        float[][] averaged;
        try (var finetune = FinetuneRun.open(config, 7);
                var run = run(folder.resolve("whole"), config)) {
            var lines = FinetuneRun.preflight(finetune).lines();
            assertThat(lines.get("pictures")).contains("cropped, turned and tinted at random");
            assertThat(lines)
                    .containsEntry(
                            "kept", "averaged weights, 0.9 of the average kept in each step");
            FinetuneRun.train(finetune, run);
            averaged = chunk(policy(finetune));
        }
        try (var finetune = FinetuneRun.open(config, 7);
                var run = run(folder.resolve("broken"), config)) {
            run.requestStop();
            assertThatThrownBy(() -> FinetuneRun.train(finetune, run))
                    .isInstanceOf(RunStopped.class);
        }
        try (var run = Run.reopen(folder.resolve("broken"), Progress.silent());
                var finetune = FinetuneRun.open(FinetuneRun.stored(run.info().config()), 7)) {
            FinetuneRun.train(finetune, run);
        }
        assertThat(chunk(Pi0AdapterFolder.policy(base, folder.resolve("whole/adapter"), 10)))
                .as("what was saved is the average")
                .isDeepEqualTo(averaged);
        AdapterFiles.areTheSame(folder.resolve("whole"), folder.resolve("broken"));
        try (var _ = TensorScope.open()) {
            var file = "adapter/adapter_model.safetensors";
            var whole = Safetensors.read(folder.resolve("whole").resolve(file));
            var other = Safetensors.read(folder.resolve("plain").resolve(file));
            assertThat(whole.keySet()).anyMatch(n -> !other.get(n).equal(whole.get(n)));
        }
    }

    @Test
    void aRunFromBeforeTheSwitchesHasTheUsualValues() throws Exception {
        var config = config(published("pi0"), data, 3);
        var tree = dev.orrery.run.ConfigBinder.tree(config);
        var training = (tools.jackson.databind.node.ObjectNode) tree.get("training");
        training.remove("augmented");
        training.remove("average");
        assertThat(FinetuneRun.stored(tree)).isEqualTo(config);
        assertThat(FinetuneRun.stored(dev.orrery.run.ConfigBinder.tree(gently(config))))
                .isEqualTo(gently(config));
    }

    @Test
    void anotherBaseIsRefused() throws Exception {
        var base = published("pi0");
        var config = config(base, data, 1);
        try (var finetune = FinetuneRun.open(config, 7);
                var run = run(folder.resolve("run"), config)) {
            FinetuneRun.train(finetune, run);
        }
        var other = published("pi05");
        assertThatThrownBy(() -> Pi0AdapterFolder.policy(other, folder.resolve("run/adapter"), 10))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("not what this adapter was trained on");
    }

    private void refused(FinetuneConfig config, String... words) {
        assertThatThrownBy(() -> FinetuneRun.open(config, 7).close())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(words);
    }

    private FinetuneConfig with(
            FinetuneConfig config,
            List<String> cameras,
            List<Integer> relative,
            List<String> constant) {
        return new FinetuneConfig(
                config.checkpoint(),
                config.data(),
                cameras,
                relative,
                config.statistics(),
                constant,
                config.adapter(),
                config.training());
    }

    @Test
    void whatDoesNotFitIsNamedBeforeAnythingIsTrained() throws Exception {
        var base = published("pi0");
        var good = config(base, data, 1);
        refused(
                with(good, List.of("base_0_rbg=front"), List.of(), List.of()),
                "no input 'base_0_rbg'");
        var input = Pi0Published.cameras(base).getFirst();
        refused(
                with(good, List.of(input + "=frnt"), List.of(), List.of()),
                "no camera 'frnt'",
                "did you mean 'front'?");
        refused(with(good, List.of(), List.of(6, -1), List.of()), "speaks of 7 actions");
        refused(with(good, List.of(), List.of(), List.of("state:9")), "the last is 4");
        refused(with(good, List.of(), List.of(), List.of("hand:1")), "write state:N");
        var two = record("two", DIMS, Map.of("left", 8, "right", 8), true);
        refused(config(base, two, 1), "say which with --camera " + input);
        var wide = record("wide", 9, Map.of("front", 8), true);
        refused(config(base, wide, 1), "9 dimensions, the network takes up to 8");
        var still = record("still", DIMS, Map.of("front", 8), false);
        refused(config(base, still, 1), "near-constant dimension 0", "--constant action:N");
        var declared = with(config(base, still, 1), List.of(), List.of(), List.of("action:0"));
        FinetuneRun.open(declared, 7).close();
        assertThatThrownBy(() -> Pi0Apprentice.usual(base, folder.resolve("nowhere")))
                .hasMessageContaining("no data folder");
    }

    @Test
    void relativeActionsOfTheFolderAreNormalisedAsThoseThatAreAskedFor() throws Exception {
        var base = published("pi0");
        var usual = config(base, data, 1);
        var asked = statistics("asked", with(usual, List.of(), List.of(DIMS), List.of()));
        assertThat(statistics("plain", usual)).isNotEqualTo(asked);
        var file = base.resolve("config.json");
        var json = (ObjectNode) JsonMapper.shared().readTree(Files.readString(file));
        json.put("use_relative_actions", true).putArray("relative_exclude_joints");
        Files.writeString(file, json.toString());
        assertThat(statistics("own", usual)).isEqualTo(asked);
    }

    private String statistics(String name, FinetuneConfig config) throws IOException {
        try (var finetune = FinetuneRun.open(config, 7)) {
            finetune.keep(folder.resolve(name));
        }
        return Files.readString(folder.resolve(name).resolve("norm_stats.json"));
    }

    @Test
    void theCheckpointsOwnStatisticsWarnWhereTheyAreNotTheRobots() throws Exception {
        var base = published("pi0");
        var usual = config(base, data, 1);
        var own =
                new FinetuneConfig(
                        usual.checkpoint(),
                        usual.data(),
                        List.of(),
                        List.of(1, -4),
                        FinetuneConfig.Source.CHECKPOINT,
                        List.of(),
                        usual.adapter(),
                        usual.training());
        try (var finetune = FinetuneRun.open(own, 7)) {
            assertThat(FinetuneRun.preflight(finetune).lines())
                    .doesNotContainKey("warnings")
                    .hasEntrySatisfying(
                            "statistics", line -> assertThat(line).startsWith("of the checkpoint"));
        }
        var far = Statistics.of(List.of(new float[] {500}, new float[] {700}));
        var near = Statistics.of(List.of(new float[] {0}, new float[] {1}));
        assertThat(Preflight.far("state", far, Norms.Rule.MEAN_STD, near))
                .singleElement()
                .asString()
                .contains("state:0", "are these the robot's?");
    }
}
