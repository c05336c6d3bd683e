package dev.orrery.system.openvla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.catalog.Catalog;
import dev.orrery.catalog.FinetuneRun;
import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.env.Image;
import dev.orrery.lm.PublicConfig;
import dev.orrery.nn.Module;
import dev.orrery.policy.finetune.AdapterFiles;
import dev.orrery.policy.finetune.Finetune;
import dev.orrery.policy.finetune.FinetuneConfig;
import dev.orrery.policy.finetune.FinetuneConfig.Adapted;
import dev.orrery.policy.finetune.FinetuneConfig.Source;
import dev.orrery.policy.finetune.TinyRobot;
import dev.orrery.run.Metrics;
import dev.orrery.run.Progress;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import dev.orrery.run.RunStopped;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.TensorScope;
import dev.orrery.vlm.Prismatic;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A published folder with a tiny network, adapted to a tiny robot's data set.
class OpenVlaFinetuneTest {

    private static final int DIMS = 3;
    private static final String STATISTICS =
            """
            "norm_stats": {"other": {"action": {"q01": [-1, -1, -1], "q99": [1, 1, 1],
              "mask": [true, true, false]}}},
            """;

    @TempDir Path folder;
    private Path base, data;

    @BeforeEach
    void lay() throws IOException {
        base = folder.resolve("base");
        TinyOpenVla.lay(base, STATISTICS);
        data = TinyRobot.record(folder.resolve("robot"), DIMS, Map.of("front", 20), true);
    }

    private FinetuneConfig config(int steps, boolean augmented) {
        var usual = Catalog.finetunes(base).usual(base, data);
        return new FinetuneConfig(
                usual.checkpoint(),
                usual.data(),
                List.of(),
                List.of(),
                Source.DATA,
                List.of(),
                new Adapted(FinetuneConfig.Method.LORA, 4, 8, Adapted.ALL_LINEAR, List.of()),
                new FinetuneConfig.Training(steps, 8, 1, 1e-2, 5, augmented, 0));
    }

    private Run run(String name, FinetuneConfig config) {
        var info = RunInfo.now(FinetuneRun.NAME, "custom", 7, config);
        return Run.create(folder.resolve(name), info, Progress.silent());
    }

    private static double[] action(OpenVlaPublished policy) {
        return policy.predict(TinyRobot.grey(20), "pick up the red block").action();
    }

    private static double[] action(Finetune finetune) {
        return action(((OpenVlaApprentice) finetune.apprentice()).policy());
    }

    @Test
    void aPolicyLearnsTheDataAndIsOpenedFromBaseAndAdapterOrMerged() throws IOException {
        var config = config(40, false);
        double[] trained;
        try (var finetune = FinetuneRun.open(config, 7);
                var run = run("run", config)) {
            var checked = FinetuneRun.preflight(finetune);
            assertThat(checked.lines())
                    .containsEntry("data", "2 episodes, 24 frames at 10 fps, 1 tasks")
                    .containsEntry("state", "not told")
                    .containsEntry("cameras", "image <- front")
                    .containsEntry("statistics", "of the data, 1 to 99 %")
                    .containsEntry(
                            "action",
                            "3 dimensions, one action at a time, in 32 bins, the last not scaled");
            assertThat(checked.trained()).isPositive();
            assertThat(checked.bytes()).isGreaterThan(4 * checked.frozen());
            FinetuneRun.train(finetune, run);
            trained = action(finetune);
            finetune.merge(folder.resolve("merged"));
            assertThat(action(finetune)).as("unmerged").isEqualTo(trained);
        }
        var losses =
                Metrics.read(folder.resolve("run")).stream()
                        .map(entry -> entry.values().get("loss"))
                        .toList();
        assertThat(losses.getLast()).isLessThan(.7 * losses.getFirst());
        try (var opened = OpenVlaAdapterFolder.policy(base, folder.resolve("run/adapter"))) {
            assertThat(opened.unnormKey()).isEqualTo("robot");
            assertThat(action(opened)).isEqualTo(trained);
        }
        try (var merged =
                OpenVlaPublished.open(folder.resolve("merged"), OpenVlaPublished.Choice.NONE)) {
            assertThat(merged.unnormKey()).isEqualTo("robot");
            var same = action(merged);
            for (int d = 0; d < DIMS; d++) assertThat(same[d]).isCloseTo(trained[d], within(.2));
        }
        try (var _ = TensorScope.open()) {
            var file = folder.resolve("run/adapter/adapter_model.safetensors");
            assertThat(Safetensors.read(file).keySet())
                    .allMatch(name -> name.startsWith("base_model.model."))
                    .anyMatch(name ->
                            name.endsWith(
                                    "language_model.model.layers.0.self_attn.q_proj.lora_A.weight"))
                    .anyMatch(name -> name.contains("vision_backbone.featurizer"))
                    .anyMatch(name -> name.contains("projector.fc1"))
                    .noneMatch(name -> name.contains("lm_head"));
        }
    }

    @Test
    void aRunThatIsBrokenOffGoesOnToTheBit() {
        var config = config(12, true);
        try (var finetune = FinetuneRun.open(config, 7);
                var run = run("whole", config)) {
            assertThat(FinetuneRun.preflight(finetune).lines().get("pictures"))
                    .contains("--centre-crop");
            FinetuneRun.train(finetune, run);
        }
        try (var finetune = FinetuneRun.open(config, 7);
                var run = run("broken", config)) {
            run.requestStop();
            assertThatThrownBy(() -> FinetuneRun.train(finetune, run))
                    .isInstanceOf(RunStopped.class);
        }
        try (var run = Run.reopen(folder.resolve("broken"), Progress.silent());
                var finetune = FinetuneRun.open(FinetuneRun.stored(run.info().config()), 7)) {
            FinetuneRun.train(finetune, run);
        }
        AdapterFiles.areTheSame(folder.resolve("whole"), folder.resolve("broken"));
    }

    @Test
    void promptsOfSeveralLengthsAreReadAsEachByItself() throws IOException {
        try (var network = OpenVlaNetwork.open(base);
                var _ = Grad.disabled();
                var _ = TensorScope.open()) {
            var lm = network.model().language();
            var pictures = List.of(TinyRobot.grey(28), striped(28));
            var texts = List.of("pick", "pick up the cup");
            var after = lm.model().embed(dev.orrery.tensor.Tensor.of(new long[] {70, 80}, 2, 1));
            var silent = dev.orrery.lm.Trace.silent();
            var both =
                    network.embed(network.unit(pictures), texts).read(lm, after, 0, true, silent);
            for (int b = 0; b < 2; b++) {
                var one =
                        network.embed(network.unit(List.of(pictures.get(b))), List.of(texts.get(b)))
                                .read(lm, after.narrow(0, b, 1), 0, true, silent);
                var last = both.select(0, b).select(0, both.size(1) - 1);
                var alone = one.select(0, 0).select(0, one.size(1) - 1);
                assertThat(last.sub(alone).abs().max().item()).isLessThan(1e-4);
            }
        }
    }

    private static Image striped(int side) {
        var rgb = new byte[3 * side * side];
        for (int i = 0; i < rgb.length; i++) rgb[i] = (byte) (i / 3 % side % 5 * 50);
        return new Image(side, side, rgb);
    }

    @Test
    void weightsOfHalfPrecisionAreAdaptedToo() throws IOException {
        try (var _ = TensorScope.open()) {
            var config = PublicConfig.read(base.resolve("config.json"));
            var size = OpenVlaSizes.read(config, base);
            var model = Module.unset(() -> new Prismatic(size, Seed.of(0)));
            model.load(base.resolve("model.safetensors"));
            model.to(DType.BF16);
            model.save(base.resolve("model.safetensors"));
        }
        var config = config(20, false);
        try (var finetune = FinetuneRun.open(config, 7);
                var run = run("run", config)) {
            FinetuneRun.train(finetune, run);
        }
        var losses =
                Metrics.read(folder.resolve("run")).stream()
                        .map(entry -> entry.values().get("loss"))
                        .toList();
        assertThat(losses.getLast()).isLessThan(.9 * losses.getFirst());
        try (var _ = TensorScope.open()) {
            var file = folder.resolve("run/adapter/adapter_model.safetensors");
            assertThat(Safetensors.read(file).values()).allMatch(t -> t.dtype() == DType.F32);
        }
    }

    @Test
    void aMergedFolderIsAskedAsItsBaseWasWhateverItIsCalled() throws IOException {
        base = folder.resolve("openvla-v01-tiny");
        TinyOpenVla.lay(base, STATISTICS);
        try (var finetune = FinetuneRun.open(config(1, false), 7)) {
            finetune.merge(folder.resolve("mine"));
        }
        try (var merged = OpenVlaNetwork.open(folder.resolve("mine"))) {
            assertThat(merged.prompt()).isEqualTo(OpenVlaPrompt.V01);
        }
        TinyOpenVla.config(base, "\"orrery_prompt\": \"V02\", ");
        assertThatThrownBy(() -> OpenVlaNetwork.open(base))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll("orrery_prompt", "V02");
    }

    @Test
    void statisticsOfAnotherRobotAreAWarning() throws IOException {
        var own = with(data, List.of(), List.of(), Source.CHECKPOINT, 1);
        try (var finetune = FinetuneRun.open(own, 7)) {
            assertThat(finetune.apprentice().warnings()).isEmpty();
        }
        TinyOpenVla.config(base, STATISTICS.replace("[-1, -1, -1]", "[0.8, 0.8, 0.8]"));
        try (var finetune = FinetuneRun.open(own, 7)) {
            assertThat(finetune.apprentice().warnings())
                    .singleElement()
                    .asString()
                    .contains("another robot");
        }
    }

    private void refused(FinetuneConfig config, String... words) {
        assertThatThrownBy(() -> FinetuneRun.open(config, 7).close())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(words);
    }

    private FinetuneConfig with(
            Path set, List<Integer> relative, List<String> constant, Source statistics, int draws) {
        var good = config(1, false);
        var t = good.training();
        return new FinetuneConfig(
                good.checkpoint(),
                set.toString(),
                List.of(),
                relative,
                statistics,
                constant,
                good.adapter(),
                new FinetuneConfig.Training(t.steps(), t.batch(), draws, t.learningRate(), 5));
    }

    @Test
    void whatDoesNotFitIsNamedBeforeAnythingIsTrained() throws IOException {
        refused(with(data, List.of(2, -1), List.of(), Source.DATA, 1), "leave --relative out");
        refused(with(data, List.of(), List.of(), Source.DATA, 4), "leave --draws out");
        refused(with(data, List.of(), List.of("action:9"), Source.DATA, 1), "the last is 2");
        var wide = TinyRobot.record(folder.resolve("wide"), 4, Map.of("front", 8), true);
        refused(
                with(wide, List.of(), List.of(), Source.CHECKPOINT, 1),
                "of 3 action dimensions, the data has 4");
        var two = TinyRobot.record(folder.resolve("two"), 3, Map.of("l", 8, "r", 8), true);
        refused(with(two, List.of(), List.of(), Source.DATA, 1), "say which with --camera image=");
        var still = TinyRobot.record(folder.resolve("still"), 3, Map.of("front", 8), false);
        FinetuneRun.open(with(still, List.of(), List.of(), Source.DATA, 1), 7).close();
        assertThatThrownBy(() -> Catalog.finetunes(folder.resolve("nowhere")))
                .hasMessageContaining("no checkpoint folder");
    }

    @Test
    void anotherBaseIsRefused() throws IOException {
        var config = config(1, false);
        try (var finetune = FinetuneRun.open(config, 7);
                var run = run("run", config)) {
            FinetuneRun.train(finetune, run);
        }
        var other = folder.resolve("other");
        TinyOpenVla.lay(other, STATISTICS);
        try (var _ = TensorScope.open()) {
            var size = OpenVlaSizes.read(PublicConfig.read(other.resolve("config.json")), other);
            new Prismatic(size, Seed.of(3)).save(other.resolve("model.safetensors"));
        }
        assertThatThrownBy(() -> OpenVlaAdapterFolder.policy(other, folder.resolve("run/adapter")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("not what this adapter was trained on");
    }
}
