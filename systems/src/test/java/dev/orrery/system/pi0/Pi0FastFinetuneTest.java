package dev.orrery.system.pi0;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.catalog.Catalog;
import dev.orrery.catalog.FinetuneRun;
import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.lm.decoder.Greedy;
import dev.orrery.policy.ChunkPolicy.Held;
import dev.orrery.policy.NormFiles;
import dev.orrery.policy.finetune.AdapterFiles;
import dev.orrery.policy.finetune.Finetune;
import dev.orrery.policy.finetune.FinetuneConfig;
import dev.orrery.policy.finetune.FinetuneConfig.Adapted;
import dev.orrery.policy.finetune.FinetuneConfig.Method;
import dev.orrery.policy.finetune.FinetuneConfig.Source;
import dev.orrery.policy.finetune.TinyRobot;
import dev.orrery.run.Metrics;
import dev.orrery.run.Progress;
import dev.orrery.run.Run;
import dev.orrery.run.RunInfo;
import dev.orrery.run.RunStopped;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The reference's tiny π0-FAST, adapted to a tiny robot's data set.
class Pi0FastFinetuneTest {

    private static final int DIMS = 3;
    private static final String INPUT = "base_0_rgb";
    private static final String ROOT =
            "base_model.model.model.paligemma_with_expert.paligemma.model.language_model.";

    @TempDir Path folder;
    private Path base, data;

    @BeforeEach
    void publish() throws IOException {
        base = PublishedFolder.writeFast(folder.resolve("base"));
        PublishedFolder.config(base, "max_action_tokens", 40);
        PublishedFolder.config(base, "max_decoding_steps", 40);
        data = TinyRobot.record(folder.resolve("robot"), DIMS, Map.of("front", 20), true);
    }

    private FinetuneConfig config(int steps) {
        return with(
                data, List.of(), Source.DATA, new FinetuneConfig.Training(steps, 8, 1, 1e-2, 5));
    }

    private FinetuneConfig with(
            Path set, List<Integer> relative, Source source, FinetuneConfig.Training training) {
        var usual = Catalog.finetunes(base).usual(base, set);
        return new FinetuneConfig(
                usual.checkpoint(),
                usual.data(),
                List.of(),
                relative,
                source,
                List.of(),
                adapted(Method.LORA),
                training);
    }

    private static Adapted adapted(Method method) {
        return new Adapted(method, 4, 8, Pi0FastApprentice.ATTENTION, List.of());
    }

    private Run run(String name, FinetuneConfig config) {
        var info = RunInfo.now(FinetuneRun.NAME, "custom", 7, config);
        return Run.create(folder.resolve(name), info, Progress.silent());
    }

    private static Observation seen(String camera, float... state) {
        var images = new LinkedHashMap<String, Image>();
        images.put(camera, TinyRobot.grey(20));
        return new Observation(images, state, "pick up the red block");
    }

    /// The tokens of an answer, which need be no chunk after so little training.
    private static long[] written(Pi0FastPolicy policy, String camera, float... state) {
        try (var _ = TensorScope.open()) {
            var prompt = policy.reader().read(List.of(seen(camera, state)));
            var text = policy.text();
            return policy.network()
                    .answer(
                            prompt,
                            text.begin(),
                            policy.most(),
                            text.ends(),
                            Greedy.Choice.likeliest())
                    .toLongs();
        }
    }

    private static long[] written(Pi0FastPolicy policy) {
        return written(policy, "front", .1f, 0, .3f);
    }

    private static long[] written(Finetune finetune) {
        return written(((Pi0FastApprentice) finetune.apprentice()).policy());
    }

    private List<Double> losses(String run) throws IOException {
        return Metrics.read(folder.resolve(run)).stream()
                .map(entry -> entry.values().get("loss"))
                .toList();
    }

    @Test
    void aPolicyLearnsTheDataAndIsOpenedFromBaseAndAdapterOrMerged() throws IOException {
        var config = config(40);
        long[] trained, before;
        try (var finetune = FinetuneRun.open(config, 7);
                var run = run("run", config)) {
            var checked = FinetuneRun.preflight(finetune);
            assertThat(checked.lines())
                    .containsEntry("data", "2 episodes, 24 frames at 10 fps, 1 tasks")
                    .containsEntry("state", "3 dimensions, told in words")
                    .containsEntry(
                            "statistics", "of the data, state by QUANTILES, action by QUANTILES")
                    .containsEntry("pictures", "as they are")
                    .doesNotContainKey("warnings");
            assertThat(checked.lines().get("action"))
                    .matches(
                            "3 dimensions, chunks of 5 \\(0\\.5 s\\) in up to \\d\\d tokens of 40");
            assertThat(checked.lines().get("cameras"))
                    .contains(INPUT + " <- front", "left_wrist_0_rgb <- nothing (masked)");
            assertThat(checked.trained()).isPositive().isLessThan(checked.frozen());
            assertThat(checked.bytes()).isGreaterThan(4 * checked.frozen());
            before = written(finetune);
            FinetuneRun.train(finetune, run);
            trained = written(finetune);
            assertThat(trained).isNotEqualTo(before);
            finetune.merge(folder.resolve("merged"));
            assertThat(written(finetune)).as("unmerged").isEqualTo(trained);
        }
        assertThat(losses("run").getLast()).isLessThan(.8 * losses("run").getFirst());
        try (var opened = Pi0AdapterFolder.fastPolicy(base, folder.resolve("run/adapter"))) {
            assertThat(written(opened)).isEqualTo(trained);
        }
        var ready = Pi0Published.ready(folder.resolve("merged"), Pi0Published.Choice.NONE);
        assertThat(written((Pi0FastPolicy) ready.policy(), INPUT, .1f, 0, .3f)).isEqualTo(trained);
        ready.close().run();
    }

    @Test
    void onlyTheAdapterIsTrainedUnderTheNamesOfLeRobotsPolicy() {
        try (var finetune = FinetuneRun.open(config(2), 7);
                var run = run("run", config(2));
                var _ = TensorScope.open()) {
            var before = new LinkedHashMap<String, Tensor>();
            finetune.apprentice()
                    .model()
                    .stateDict()
                    .forEach((name, tensor) -> before.put(name, tensor.copy()));
            assertThat(before.keySet())
                    .containsAll(stored().keySet())
                    .hasSameSizeAs(stored().keySet());
            FinetuneRun.train(finetune, run);
            finetune.apprentice()
                    .model()
                    .stateDict()
                    .forEach((name, tensor) ->
                            assertThat(tensor.equal(before.get(name))).as(name).isTrue());
            assertThat(finetune.optimizer().parameters())
                    .containsExactlyInAnyOrderEntriesOf(finetune.adapter().namedParameters())
                    .hasSize(8);
            var file = folder.resolve("run/adapter/adapter_model.safetensors");
            assertThat(Safetensors.read(file).keySet())
                    .hasSize(8)
                    .allMatch(name -> name.startsWith(ROOT + "layers."))
                    .contains(
                            ROOT + "layers.0.self_attn.q_proj.lora_A.weight",
                            ROOT + "layers.1.self_attn.v_proj.lora_B.weight");
        }
    }

    private Map<String, Tensor> stored() {
        return Safetensors.read(base.resolve("model.safetensors"));
    }

    @Test
    void aStepsLossIsThatOfItsFrames() throws IOException {
        PublishedFolder.config(base, "max_action_tokens", 30);
        var few = config(1);
        double one;
        try (var finetune = FinetuneRun.open(few, 7)) {
            one = finetune.gradients(Seed.of(2));
        }
        PublishedFolder.config(base, "max_action_tokens", 40);
        try (var finetune = FinetuneRun.open(few, 7)) {
            assertThat(finetune.gradients(Seed.of(2))).as("room does not count").isEqualTo(one);
            assertThat(finetune.gradients(Seed.of(3))).isNotEqualTo(one);
        }
    }

    @Test
    void aRunThatIsBrokenOffGoesOnToTheBit() {
        var config =
                with(
                        data,
                        List.of(2, -1),
                        Source.DATA,
                        new FinetuneConfig.Training(12, 4, 1, 1e-2, 5, true, .9));
        try (var finetune = FinetuneRun.open(config, 7);
                var run = run("whole", config)) {
            assertThat(FinetuneRun.preflight(finetune).lines().get("pictures"))
                    .contains("cropped, turned and tinted at random");
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

    @ParameterizedTest
    @EnumSource(names = {"DORA", "DELORA"})
    void otherMethodsLearnToo(Method method) throws IOException {
        var good = config(20);
        var config =
                new FinetuneConfig(
                        good.checkpoint(),
                        good.data(),
                        List.of(),
                        List.of(),
                        Source.DATA,
                        List.of(),
                        adapted(method),
                        good.training());
        try (var finetune = FinetuneRun.open(config, 7);
                var run = run("run", config)) {
            FinetuneRun.train(finetune, run);
            var trained = written(finetune);
            try (var opened = Pi0AdapterFolder.fastPolicy(base, folder.resolve("run/adapter"))) {
                assertThat(written(opened)).isEqualTo(trained);
            }
        }
        assertThat(losses("run").getLast()).isLessThan(.9 * losses("run").getFirst());
    }

    @Test
    void weightsOfHalfPrecisionAreAdaptedAndWrittenInTheirTypes() throws IOException {
        try (var _ = TensorScope.open()) {
            var half = new LinkedHashMap<String, Tensor>();
            stored().forEach((name, t) ->
                    half.put(name, name.contains("vision") ? t.copy() : t.to(DType.BF16)));
            Safetensors.write(base.resolve("half.safetensors"), half);
        }
        Files.delete(base.resolve("model.safetensors"));
        Files.move(base.resolve("half.safetensors"), base.resolve("model.safetensors"));
        var config = config(20);
        try (var finetune = FinetuneRun.open(config, 7);
                var run = run("run", config);
                var _ = TensorScope.open()) {
            FinetuneRun.train(finetune, run);
            finetune.merge(folder.resolve("merged"));
            var file = folder.resolve("run/adapter/adapter_model.safetensors");
            assertThat(Safetensors.read(file).values()).allMatch(t -> t.dtype() == DType.F32);
            var merged = Safetensors.read(folder.resolve("merged/model.safetensors"));
            var old = stored();
            assertThat(merged.keySet()).isEqualTo(old.keySet());
            merged.forEach((name, t) -> {
                assertThat(t.dtype()).as(name).isEqualTo(old.get(name).dtype());
                assertThat(t.equal(old.get(name)))
                        .as(name)
                        .isEqualTo(!name.matches(Pi0FastApprentice.ATTENTION + "\\.weight"));
            });
        }
        assertThat(losses("run").getLast()).isLessThan(.9 * losses("run").getFirst());
    }

    @Test
    void aMergedFolderIsOfTheNewRobot() {
        var wide = TinyRobot.record(folder.resolve("wide"), 4, Map.of(INPUT, 16), true);
        var config =
                with(
                        wide,
                        List.of(3, -1),
                        Source.DATA,
                        new FinetuneConfig.Training(1, 2, 1, 1e-2, 5));
        try (var finetune = FinetuneRun.open(config, 7);
                var _ = TensorScope.open()) {
            finetune.merge(folder.resolve("merged"));
            var merged = folder.resolve("merged");
            assertThat(Pi0Published.cameras(merged))
                    .containsExactly(INPUT, "empty_camera_0", "empty_camera_1");
            assertThat(Pi0Published.connection(merged, Pi0Published.Choice.NONE).cameras())
                    .containsExactly(INPUT);
            assertThat(Pi0Published.describe(merged).orElseThrow())
                    .containsEntry("chunk", "5 actions of 4 values as FAST tokens")
                    .containsEntry("statistics", "state 4 by QUANTILES, action 4 by QUANTILES")
                    .containsEntry("actions by", "action_tokenizer");
            var json = Pi0Published.config(merged);
            assertThat(Pi0Published.relative(merged, json, 4).orElseThrow().runs())
                    .containsExactly(1, 1, 1, -1);
            assertThat(NormFiles.steps(merged).toString())
                    .contains(
                            "\"action_names\":[\"relative_0\",\"relative_1\",\"relative_2\",\"absolute_3\"]");
            finetune.keep(folder.resolve("adapter"));
            var state = new float[] {.1f, .2f, .3f, .4f};
            var own = Pi0FastPolicy.norms(merged, Pi0Published.Choice.NONE).action();
            var ready = Pi0Published.ready(merged, Pi0Published.Choice.NONE);
            try (var opened = Pi0AdapterFolder.fastPolicy(base, folder.resolve("adapter"))) {
                var actions = new float[5][];
                Arrays.fill(actions, new float[] {.4f, -.1f, .3f, .2f});
                var normal = own.normalise(new float[] {.3f, -.3f, 0, .2f}, 4);
                assertThat(opened.told(actions, state)[2]).containsExactly(normal, within(1e-5f));
                var said = opened.text().chunk(written(opened, INPUT, state));
                var chunk = opened.chunk(seen(INPUT, state), Held.NONE);
                var same = ready.policy().chunk(seen(INPUT, state), Held.NONE);
                for (int h = 0; h < 5; h++) {
                    var action = own.restore(said[h]);
                    for (int d = 0; d < 3; d++) action[d] += state[d];
                    assertThat(chunk[h]).containsExactly(action, within(1e-5f));
                    assertThat(same[h]).containsExactly(chunk[h], within(1e-5f));
                }
            }
            ready.close().run();
        }
    }

    private void refused(FinetuneConfig config, String... words) {
        assertThatThrownBy(() -> FinetuneRun.open(config, 7).close())
                .isInstanceOfAny(IllegalArgumentException.class, CheckpointException.class)
                .hasMessageContainingAll(words);
    }

    @Test
    void whatDoesNotFitIsNamedBeforeAnythingIsTrained() throws IOException {
        var once = config(1).training();
        refused(
                with(data, List.of(), Source.DATA, new FinetuneConfig.Training(1, 4, 4, 1e-2, 5)),
                "leave --draws out");
        refused(with(data, List.of(6, -1), Source.DATA, once), "speaks of 7 actions");
        refused(
                with(data, List.of(), Source.CHECKPOINT, once),
                "of 4 state dimensions, the data has 3");
        var wide = TinyRobot.record(folder.resolve("wide"), 4, Map.of("front", 8), true);
        refused(
                with(wide, List.of(), Source.CHECKPOINT, once),
                "of 3 action dimensions, the data has 4",
                "--statistics data");
        FinetuneRun.open(with(wide, List.of(), Source.DATA, once), 7).close();
        var two = TinyRobot.record(folder.resolve("two"), DIMS, Map.of("l", 8, "r", 8), true);
        refused(with(two, List.of(), Source.DATA, once), "say which with --camera " + INPUT);
        var still = TinyRobot.record(folder.resolve("still"), DIMS, Map.of("front", 8), false);
        refused(with(still, List.of(), Source.DATA, once), "near-constant", "--constant action:N");
    }

    @Test
    void aFolderThatCannotBeAdaptedIsNamed() throws IOException {
        var once = config(1);
        PublishedFolder.config(base, "max_decoding_steps", 9);
        refused(
                once,
                "chunks of 5 actions take more than the 11 tokens that the network writes",
                "max_action_tokens and max_decoding_steps");
        PublishedFolder.config(base, "max_decoding_steps", 40);
        PublishedFolder.config(base, "tokenizer_max_length", 9);
        try (var finetune = FinetuneRun.open(once, 7)) {
            assertThat(finetune.apprentice().warnings())
                    .singleElement()
                    .asString()
                    .contains("with 3 state values has", "(tokenizer_max_length 9), which are cut");
        }
        PublishedFolder.config(base, "normalization_mapping", Map.of("STATE", "MIN_MAX"));
        refused(once, "normalization_mapping.STATE", "is MIN_MAX", "--statistics checkpoint");
        PublishedFolder.config(base, "normalization_mapping", Map.of());
        var processor = base.resolve("action_tokenizer/processor_config.json");
        var text = Files.readString(processor);
        Files.writeString(processor, text.replace("\"action_dim\": null", "\"action_dim\": 7"));
        assertThatThrownBy(() -> FinetuneRun.open(once, 7)).hasMessageContaining("action_dim 7");
        Files.delete(processor);
        refused(once, "the FAST tokenizer is missing");
        Files.delete(base.resolve("tokenizer/tokenizer.json"));
        Files.writeString(processor, text);
        refused(once, "PaliGemma's tokenizer is missing");
    }

    @Test
    void anotherBaseOrAnotherFamilyIsRefused() throws IOException {
        try (var finetune = FinetuneRun.open(config(1), 7)) {
            finetune.keep(folder.resolve("adapter"));
        }
        assertThatThrownBy(() -> Pi0AdapterFolder.policy(base, folder.resolve("adapter"), 10))
                .hasMessageContaining("fastPolicy opens it");
        var other = PublishedFolder.writeFast(folder.resolve("other"));
        try (var _ = TensorScope.open()) {
            var changed = new LinkedHashMap<String, Tensor>(stored());
            var name = changed.keySet().iterator().next();
            changed.put(name, changed.get(name).mul(2.0));
            Safetensors.write(other.resolve("model.safetensors"), changed);
        }
        assertThatThrownBy(() -> Pi0AdapterFolder.fastPolicy(other, folder.resolve("adapter")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("not what this adapter was trained on");
    }
}
