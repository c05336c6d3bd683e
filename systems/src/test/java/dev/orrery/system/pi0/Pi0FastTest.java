package dev.orrery.system.pi0;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureRow;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.data.DatasetException;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.policy.CameraMap;
import dev.orrery.policy.ChunkPolicy.Held;
import dev.orrery.policy.ChunkPolicy.Question;
import dev.orrery.system.pi0.Pi0Published.Choice;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.vlm.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/// Published π0-FAST, by the reference's tiny network in a folder as LeRobot saves it.
class Pi0FastTest {

    private static final Path GOLDEN = PublishedFolder.FAST;
    private static final String BASE = "base_0_rgb", WRIST = "left_wrist_0_rgb";
    private static final String LANGUAGE =
            "model.paligemma_with_expert.paligemma.model.language_model.";

    @TempDir Path folder;

    @BeforeEach
    void publish() throws IOException {
        PublishedFolder.writeFast(folder);
    }

    private Pi0FastPolicy open(String... cameras) {
        var sources = new LinkedHashMap<String, String>();
        for (var camera : cameras) sources.put(camera, camera);
        var map = new CameraMap(Pi0Published.cameras(folder), sources);
        return Pi0FastPolicy.open(folder, map, Choice.NONE);
    }

    private void weights(Consumer<Map<String, Tensor>> change) {
        try (var _ = TensorScope.open()) {
            var file = folder.resolve("model.safetensors");
            var all = new LinkedHashMap<String, Tensor>();
            Safetensors.read(GOLDEN.resolve("weights.safetensors")).forEach(all::put);
            change.accept(all);
            Safetensors.write(file, all);
        }
    }

    private void config(String key, Object value) throws IOException {
        PublishedFolder.config(folder, key, value);
    }

    private static Observation observation(int row, String... cameras) {
        try (var _ = TensorScope.open()) {
            var in = Safetensors.read(GOLDEN.resolve("inputs.safetensors"));
            var images = new LinkedHashMap<String, Image>();
            for (int i = 0; i < cameras.length; i++) {
                images.put(
                        cameras[i],
                        new Image(12, 20, bytes(in.get("cameras." + i).select(0, row))));
            }
            var text = new String(bytes(in.get("task." + row)));
            return new Observation(images, in.get("state").select(0, row).toFloats(), text);
        }
    }

    private static byte[] bytes(Tensor numbers) {
        var all = numbers.to(DType.I64).toLongs();
        var bytes = new byte[all.length];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) all[i];
        return bytes;
    }

    private static float[] expected(String name, int row) {
        try (var _ = TensorScope.open()) {
            var all = Safetensors.read(GOLDEN.resolve("expected.safetensors"));
            return all.get(name).select(0, row).flatten(0, 1).toFloats();
        }
    }

    private static void same(float[][] chunk, float[] expected) {
        assertThat(chunk).hasDimensions(5, 3);
        for (int i = 0; i < expected.length; i++) {
            assertThat(chunk[i / 3][i % 3]).isCloseTo(expected[i], within(1e-5f));
        }
    }

    @Test
    void everyTensorOfTheReferenceIsMet() {
        try (var _ = TensorScope.open()) {
            var fixture = Fixture.read(GOLDEN);
            var model = new Pi0FastFixture();
            assertThat(model.runs(fixture)).isTrue();
            var rows = fixture.compare(model.run(fixture));
            assertThat(rows).hasSize(24).allMatch(FixtureRow::passed);
        }
    }

    @Test
    void aFolderActsAsTheReferenceDoes() {
        try (var policy = open(BASE, WRIST)) {
            assertThat(policy.horizon()).isEqualTo(5);
            assertThat(policy.continues()).isFalse();
            same(
                    policy.chunk(observation(0, BASE, WRIST), Held.NONE),
                    expected("robot_actions", 0));
        }
    }

    @Test
    void severalRobotsAreAnsweredInOnePass() {
        try (var policy = open(BASE)) {
            var second = new Question(observation(1, BASE), Held.NONE, 1);
            var first = new Question(observation(0, BASE), Held.NONE, 2);
            var together = policy.chunks(List.of(second, first));
            same(together.getFirst(), expected("robot_actions", 1));
            var alone = policy.chunk(first.observation(), Held.NONE);
            assertThat(together.getLast()).isDeepEqualTo(alone);
        }
    }

    @Test
    void tokensAreDrawnAtItsTemperatureFromTheSeed() throws IOException {
        config("temperature", 0.05);
        try (var policy = open(BASE, WRIST)) {
            same(
                    policy.chunk(observation(0, BASE, WRIST), Held.NONE),
                    expected("robot_actions", 0));
        }
        unsure();
        config("temperature", 0.8);
        config("validate_action_token_prefix", false);
        try (var policy = open(BASE, WRIST)) {
            var seen = observation(0, BASE, WRIST);
            policy.reset(3);
            var first = policy.chunk(seen, Held.NONE);
            var second = policy.chunk(seen, Held.NONE);
            assertThat(Arrays.deepEquals(second, first)).as("drawn anew").isFalse();
            policy.reset(3);
            assertThat(policy.chunk(seen, Held.NONE)).isDeepEqualTo(first);
            var other = new Question(observation(1, BASE, WRIST), Held.NONE, 8);
            var again = new Question(seen, Held.NONE, 3);
            var together = policy.chunks(List.of(other, again));
            assertThat(together.getLast()).as("in company").isDeepEqualTo(first);
        }
    }

    /// What is neither an action nor the end becomes unlikely, whatever the answer.
    private void unsure() {
        weights(all -> {
            var name = "model.paligemma_with_expert.paligemma.lm_head.weight";
            var head = all.get(name).copy();
            var away = Tensor.zeros(head.size(1));
            for (long id : expectedAnswer()) away = away.sub(head.select(0, (int) id));
            for (int id = 0; id < head.size(0); id++) {
                boolean action = id >= 144 && id < 256;
                if (!action && id != 10) head.select(0, id).copy_(away);
            }
            all.put(name, head);
        });
    }

    private static long[] expectedAnswer() {
        var all = Safetensors.read(GOLDEN.resolve("expected.safetensors"));
        return all.get("decoded_tokens").select(0, 0).narrow(0, 0, 13).toLongs();
    }

    @Test
    void aFolderIsDescribed() {
        var about = Pi0Published.describe(folder).orElseThrow();
        assertThat(about)
                .containsEntry("policy", "pi0_fast")
                .containsEntry("chunk", "5 actions of 3 values as FAST tokens")
                .containsEntry("prompt", "40 tokens of 280")
                .containsEntry("cameras", BASE + ", " + WRIST + ", empty_camera_0")
                .containsEntry("statistics", "state 4 by QUANTILES, action 3 by QUANTILES")
                .containsEntry("tokenizer", "tokenizer/tokenizer.json")
                .containsEntry("actions by", "action_tokenizer");
    }

    @Test
    void itIsReadyToBeServed() {
        assertThat(Pi0Published.is(folder)).isTrue();
        assertThat(Pi0Published.connection(folder, Choice.NONE).cameras())
                .containsExactly(BASE, WRIST);
        var ready = Pi0Published.ready(folder, Choice.NONE);
        assertThat(ready.execute()).isEqualTo(5);
        var chunk = ready.policy().chunk(observation(0, BASE, WRIST), Held.NONE);
        same(chunk, expected("robot_actions", 0));
        ready.close().run();
    }

    /// LeRobot's bf16 files hold float32, too: the tower, the projector, norms.
    @Test
    void filesOfSeveralTypesAct() {
        weights(all ->
                all.replaceAll((name, t) ->
                        name.contains("vision_tower")
                                        || name.contains("projector")
                                        || name.contains("norm.")
                                        || name.contains("layernorm.")
                                ? t
                                : t.to(DType.BF16)));
        try (var policy = open(BASE, WRIST)) {
            same(
                    policy.chunk(observation(0, BASE, WRIST), Held.NONE),
                    expected("robot_actions", 0));
            assertThat(policy.kernels().orElseThrow()).contains("bf16");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lm_head.weight", "model.language_model.embed_tokens.weight"})
    void aFileMayHaveTheWordsOnce(String kept) {
        var root = "model.paligemma_with_expert.paligemma.";
        var both = List.of("lm_head.weight", "model.language_model.embed_tokens.weight");
        weights(all ->
                both.stream().filter(n -> !n.equals(kept)).forEach(n -> all.remove(root + n)));
        try (var _ = TensorScope.open();
                var model =
                        Pi0Fast.weights(
                                        folder.resolve("config.json"),
                                        Pi0Published.config(folder),
                                        folder)
                                .open(folder)) {
            var stored = Safetensors.read(folder.resolve("model.safetensors")).get(root + kept);
            assertThat(model.language().head()).isEmpty();
            assertThat(model.language().model().embedding().weight().equal(stored)).isTrue();
        }
    }

    @Test
    void namesThatDoNotFitAreListed() {
        weights(all -> {
            all.remove(LANGUAGE + "norm.weight");
            all.put(
                    "model.state_proj.weight",
                    all.get(LANGUAGE + "layers.0.input_layernorm.weight"));
        });
        assertThatThrownBy(() -> open(BASE))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("norm.weight")
                .hasMessageContaining("state_proj.weight");
    }

    @ParameterizedTest
    @CsvSource({
        "action_tokenizer/tokenizer.json, the FAST tokenizer is missing",
        "tokenizer/tokenizer.json, PaliGemma's tokenizer is missing",
        "policy_preprocessor_step_3_normalizer_processor.safetensors, statistics are missing"
    })
    void aFileThatIsMissingIsNamed(String file, String said) throws IOException {
        Files.delete(folder.resolve(file));
        assertThatThrownBy(() -> open(BASE))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(said);
        assertThat(Pi0Published.describe(folder).orElseThrow()).containsValue("missing");
    }

    @Test
    void whatCannotBeDoneIsSaid() throws IOException {
        config("temperature", -1);
        assertThatThrownBy(() -> open(BASE))
                .hasMessageContainingAll("temperature", "is -1", "set it to 0");
        config("temperature", 0);
        config("fast_skip_tokens", 200);
        assertThatThrownBy(() -> open(BASE)).hasMessageContaining("do not fit into a vocabulary");
        config("fast_skip_tokens", 24);
        config("output_features", Map.of("action", Map.of("shape", List.of(7))));
        assertThatThrownBy(() -> open(BASE)).hasMessageContaining("has 7 values");
        assertThatThrownBy(() -> Pi0Published.read(folder, Choice.NONE))
                .hasMessageContaining("it has no expert");
        var own = folder.resolve("own");
        assertThatThrownBy(() ->
                        Pi0Convert.run(folder, own, Pi0Convert.Layout.ORRERY, Optional.empty()))
                .hasMessageContaining("is a π0-FAST");
    }

    @Test
    void aTokenizerForOtherChunksIsRefused() throws IOException {
        var file = folder.resolve("action_tokenizer/processor_config.json");
        var text = Files.readString(file).replace("\"time_horizon\": null", "\"time_horizon\": 50");
        Files.writeString(file, text);
        assertThatThrownBy(() -> open(BASE))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("time_horizon 50");
    }

    @Test
    void anAnswerThatIsNoChunkIsRefused() {
        try (var policy = open(BASE)) {
            var text = policy.text();
            long action = text.words().id("Action").orElseThrow();
            assertThatThrownBy(() -> text.chunk(action, 182))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("does not start with 'Action: '");
            assertThatThrownBy(() -> text.chunk(94, 6, 4, 182, 85, 10))
                    .hasMessageContaining("id 85 stands for no action");
            var free = new Pi0FastText(text.words(), text.codec(), 24, false);
            assertThat(free.chunk(182, 177, 10)).isDeepEqualTo(text.chunk(94, 6, 4, 182, 177, 10));
        }
    }

    @Test
    void whatATextSaysIsReadBack() {
        try (var policy = open(BASE)) {
            var text = policy.text();
            var chunk =
                    new float[][] {
                        {.1f, -.3f, .5f},
                        {.2f, -.3f, .4f},
                        {.3f, -.3f, .3f},
                        {.3f, 0, .2f},
                        {.3f, .1f, .1f}
                    };
            var answer = text.answer(chunk, 40).real();
            assertThat(answer).startsWith(2, 94, 6, 4).endsWith(10, 1);
            var back = text.chunk(Arrays.copyOfRange(answer, 1, answer.length));
            for (int h = 0; h < 5; h++) {
                assertThat(back[h]).containsExactly(chunk[h], within(.12f));
            }
        }
    }

    /// As LeRobot's class builds it, in bf16, with all names of its state.
    @Test
    void everyTensorAtFullSizeFindsItsPlace() throws IOException {
        var full = Files.createDirectory(folder.resolve("full"));
        Manifest.read("lerobot-pi0-fast").write(full);
        var config = JsonMapper.shared().createObjectNode().put("paligemma_variant", "gemma_2b");
        try (var model = Pi0Fast.weights(full.resolve("config.json"), config, full).open(full)) {
            assertThat(model.parameterCount()).isEqualTo(3_449_982_704L);
            assertThat(model.side()).isEqualTo(224);
            var words = model.language().model().config();
            assertThat(words.heads().count()).isEqualTo(8);
            assertThat(words.tied()).isFalse();
        }
    }
}
