package dev.orrery.system.pi0;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.policy.CameraMap;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.policy.DeltaActions;
import dev.orrery.policy.NormFiles;
import dev.orrery.policy.Norms;
import dev.orrery.policy.Statistics;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Published folders, made of the reference's tiny networks: opened, converted, refused.
class Pi0PublishedTest {

    private static final int DIMS = 5;

    @TempDir Path folder;

    private Path lerobot(String name) throws Exception {
        return PublishedFolder.write(
                name, folder.resolve("lerobot"), norms(Pi0Published.rule(variant(name))));
    }

    private static Pi0Variant variant(String name) {
        return name.equals("pi0") ? Pi0Variant.PI0 : Pi0Variant.PI05;
    }

    private static Norms norms(Norms.Rule rule) {
        var rows =
                List.of(
                        new float[] {-1, 0, 2, 10, 0},
                        new float[] {1, 3, 4, 20, .5f},
                        new float[] {0, 1, 3, 12, .1f});
        var statistics = Statistics.of(rows);
        return new Norms(statistics, rule, statistics, rule, 1e-8);
    }

    private static Observation observation(int dims) {
        var images = new LinkedHashMap<String, Image>();
        var rgb = new byte[3 * 20 * 30];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (i * 7);
        }
        images.put("front", new Image(20, 30, rgb));
        return new Observation(images, new float[dims], "pick up the red block");
    }

    private static final CameraMap FRONT =
            new CameraMap(CameraMap.PI0, Map.of("base_0_rgb", "front"));

    private static float[][] chunk(Path folder) {
        var policy = Pi0Published.open(folder, FRONT, Pi0Published.Choice.NONE, 3);
        policy.reset(4);
        return policy.chunk(observation(DIMS), ChunkPolicy.Held.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pi0", "pi05"})
    void aPublishedFolderActsFromTextInEveryLayout(String name) throws Exception {
        var lerobot = lerobot(name);
        var chunk = chunk(lerobot);
        assertThat(chunk).hasDimensions(6, DIMS);
        var openpi = folder.resolve("openpi");
        var there = Pi0Convert.run(lerobot, openpi, Pi0Convert.Layout.OPENPI, Optional.empty());
        if (name.equals("pi0")) {
            assertThat(there.warnings()).isEmpty();
        } else {
            assertThat(there.warnings()).singleElement().asString().contains("8 state values");
        }
        try (var _ = TensorScope.open()) {
            assertThat(Safetensors.read(openpi.resolve("model.safetensors")).keySet())
                    .noneMatch(n -> n.startsWith("model."))
                    .contains("paligemma_with_expert.gemma_expert.lm_head.weight");
        }
        var back = folder.resolve("back");
        Pi0Convert.run(openpi, back, Pi0Convert.Layout.LEROBOT, Optional.empty());
        try (var _ = TensorScope.open()) {
            var first = Safetensors.read(lerobot);
            var last = Safetensors.read(back);
            assertThat(last.keySet()).isEqualTo(first.keySet());
            var unused = "model.paligemma_with_expert.gemma_expert.lm_head.weight";
            first.forEach((n, t) -> {
                if (!n.equals(unused)) {
                    assertThat(last.get(n).equal(t)).as(n).isTrue();
                }
            });
        }
        assertThat(near(chunk(back), chunk)).isTrue();
        var own = folder.resolve("own");
        Pi0Convert.run(lerobot, own, Pi0Convert.Layout.ORRERY, Optional.empty());
        assertThat(near(chunk(own), chunk)).isTrue();
        assertThat(Pi0Published.describe(own).orElseThrow())
                .containsEntry("variant", variant(name).toString());
        var about = Pi0Published.describe(lerobot).orElseThrow();
        assertThat(about.get("statistics")).startsWith("state 5 by ");
        assertThat(about).containsEntry("tokenizer", "tokenizer.json");
        assertThat(about).containsEntry("chunk", "6 actions of 8");
    }

    private static boolean near(float[][] a, float[][] b) {
        for (int h = 0; h < a.length; h++) {
            for (int d = 0; d < a[h].length; d++) {
                if (!(Math.abs(a[h][d] - b[h][d]) <= 1e-4 * (1 + Math.abs(b[h][d])))) {
                    return false;
                }
            }
        }
        return true;
    }

    @Test
    void halvesKeepNormsAndPositionsWhole() throws Exception {
        var lerobot = lerobot("pi0");
        var half = folder.resolve("half");
        Pi0Convert.run(lerobot, half, Pi0Convert.Layout.LEROBOT, Optional.of(DType.BF16));
        try (var _ = TensorScope.open()) {
            var all = Safetensors.read(half);
            all.forEach((name, t) -> {
                boolean whole =
                        !name.contains("paligemma_with_expert.")
                                || name.contains("norm")
                                || name.contains("embeddings.");
                assertThat(t.dtype()).as(name).isEqualTo(whole ? DType.F32 : DType.BF16);
            });
        }
        assertThat(chunk(half)).hasDimensions(6, DIMS);
    }

    @Test
    void relativeActionsAreAddedToTheState() throws Exception {
        var lerobot = lerobot("pi0");
        var choice = new Pi0Published.Choice(Optional.empty(), Optional.of(DeltaActions.of(2, -3)));
        var state = new float[] {10, 20, 30, 40, 50};
        var seen = observation(DIMS);
        var there = new Observation(seen.images(), state, seen.text());
        var plain = Pi0Published.open(lerobot, FRONT, Pi0Published.Choice.NONE, 2);
        var delta = Pi0Published.open(lerobot, FRONT, choice, 2);
        var a = plain.chunk(there, ChunkPolicy.Held.NONE);
        var b = delta.chunk(there, ChunkPolicy.Held.NONE);
        for (int h = 0; h < a.length; h++) {
            assertThat(b[h][0] - a[h][0]).isCloseTo(10, within());
            assertThat(b[h][1] - a[h][1]).isCloseTo(20, within());
            assertThat(b[h][4]).isEqualTo(a[h][4]);
        }
        var config = lerobot.resolve("config.json");
        var text =
                Files.readString(config)
                        .replace(
                                "\"use_relative_actions\": false",
                                "\"use_relative_actions\": true");
        Files.writeString(config, text);
        assertThatThrownBy(() -> Pi0Published.read(lerobot, Pi0Published.Choice.NONE))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("action_feature_names");
        Files.writeString(
                config,
                text.replace(
                        "\"action_feature_names\": null",
                        "\"action_feature_names\": [\"a.pos\", \"b.pos\", \"c.pos\", \"d.pos\", \"gripper.pos\"]"));
        assertThat(
                        Pi0Published.read(lerobot, Pi0Published.Choice.NONE)
                                .manner()
                                .relative()
                                .orElseThrow()
                                .encode(new float[] {1, 1, 1, 1, 1}, new float[] {1, 1, 1, 1, 1}))
                .containsExactly(0, 0, 0, 0, 1);
    }

    private static org.assertj.core.data.Offset<Float> within() {
        return org.assertj.core.data.Offset.offset(1e-3f);
    }

    @Test
    void whatAFolderLacksIsNamed() throws Exception {
        var lerobot = lerobot("pi0");
        var state = lerobot.resolve("policy_preprocessor_step_2_normalizer_processor.safetensors");
        var bytes = Files.readAllBytes(state);
        Files.delete(state);
        refused(lerobot, "policy_preprocessor_step_2", "statistics are missing");
        assertThat(Pi0Published.describe(lerobot).orElseThrow())
                .containsEntry("statistics", "missing");
        try (var _ = TensorScope.open()) {
            Safetensors.write(state, Map.of("action.mean", Tensor.zeros(5)));
        }
        refused(lerobot, "observation.state.mean", "statistics are missing");
        Files.write(state, bytes);
        for (var description : List.of(NormFiles.BEFORE, NormFiles.AFTER)) {
            Files.delete(lerobot.resolve(description));
        }
        refused(lerobot, "norm_stats.json", "nobody knows the units");
        for (var robot : List.of("trossen", "droid")) {
            NormFiles.writeOpenpi(
                    norms(Norms.Rule.MEAN_STD),
                    lerobot.resolve("assets/%s/norm_stats.json".formatted(robot)));
        }
        refused(lerobot, "several robots", "[droid, trossen]");
        var droid = new Pi0Published.Choice(Optional.of("droid"), Optional.empty());
        assertThat(Pi0Published.read(lerobot, droid).norms().states().dims()).isEqualTo(5);
        var other = new Pi0Published.Choice(Optional.of("aloha"), Optional.empty());
        assertThatThrownBy(() -> Pi0Published.read(lerobot, other))
                .hasMessageContaining("assets/aloha");
        Files.delete(lerobot.resolve("tokenizer.json"));
        assertThatThrownBy(() -> Pi0Published.read(lerobot, droid))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("tokenizer is missing");
        Files.writeString(lerobot.resolve("config.json"), "{\"type\": \"act\"}");
        refused(lerobot, "is 'act'", "pi0 and pi05");
    }

    private static void refused(Path folder, String... words) {
        assertThatThrownBy(() -> Pi0Published.read(folder, Pi0Published.Choice.NONE))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll(words);
    }

    @Test
    void wrongObservationsOfARobotAreNamed() throws Exception {
        var policy = Pi0Published.open(lerobot("pi0"), FRONT, Pi0Published.Choice.NONE, 2);
        var held = ChunkPolicy.Held.NONE;
        assertThatThrownBy(() -> policy.chunk(observation(4), held))
                .hasMessageContaining("4 values")
                .hasMessageContaining("5 dimensions");
        assertThatThrownBy(() -> policy.chunk(observation(DIMS).withText(" \n"), held))
                .hasMessageContaining("prompt is empty");
        assertThatThrownBy(() -> policy.batched(7)).hasMessageContaining("chunk of 6");
        var blind = new CameraMap(CameraMap.PI0, Map.of());
        var none = Pi0Published.open(folder.resolve("lerobot"), blind, Pi0Published.Choice.NONE, 2);
        assertThatThrownBy(() -> none.chunk(observation(DIMS), held))
                .hasMessageContaining("no camera of the network has a picture");
        assertThatThrownBy(() -> new CameraMap(CameraMap.PI0, Map.of("top", "front")))
                .hasMessageContaining("base_0_rgb");
    }

    @Test
    void aStateLongerThanTheNetworksIsRefused() throws Exception {
        var lerobot = lerobot("pi0");
        var wide = new float[2][9];
        wide[1] = new float[] {1, 1, 1, 1, 1, 1, 1, 1, 1};
        var nine = Statistics.of(java.util.Arrays.asList(wide));
        var rule = Norms.Rule.MEAN_STD;
        NormFiles.writeLeRobot(new Norms(nine, rule, nine, rule, 1e-8), List.of(), lerobot);
        assertThatThrownBy(() ->
                        Pi0Published.open(lerobot, FRONT, Pi0Published.Choice.NONE, 2)
                                .chunk(observation(9), ChunkPolicy.Held.NONE))
                .hasMessageContaining("9 values does not fit the network's width 8");
    }

    @Test
    void convertingIsStrict() throws Exception {
        var lerobot = lerobot("pi0");
        var model = lerobot.resolve("model.safetensors");
        try (var _ = TensorScope.open()) {
            var weights = new LinkedHashMap<>(Safetensors.read(model));
            weights.remove("model.action_out_proj.bias");
            weights.put("model.strange", Tensor.zeros(2));
            weights.put("model.state_proj.bias", Tensor.zeros(3));
            Safetensors.write(folder.resolve("bad.safetensors"), weights);
        }
        Files.move(
                folder.resolve("bad.safetensors"),
                model,
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        var to = folder.resolve("to");
        assertThatThrownBy(() ->
                        Pi0Convert.run(lerobot, to, Pi0Convert.Layout.OPENPI, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("missing 1 [action_out_proj.bias")
                .hasMessageContaining("unexpected 1 [strange")
                .hasMessageContaining("misshapen 1 [state_proj.bias needs [32], got [3]");
        assertThat(to).doesNotExist();
        assertThatThrownBy(() ->
                        Pi0Convert.run(
                                lerobot, lerobot, Pi0Convert.Layout.OPENPI, Optional.empty()))
                .hasMessageContaining("exists already");
        assertThatThrownBy(() -> Pi0Convert.Layout.named("caffe")).hasMessageContaining("openpi");
    }

    /// LeRobot's class does not tie them, and trains the embedding alone.
    @Test
    void theEmbeddingCountsWhereTheOutputLayerDiffers() {
        var root = "model.paligemma_with_expert.paligemma.";
        try (var _ = TensorScope.open()) {
            var head = Tensor.zeros(2, 3);
            var embedding = Tensor.ones(2, 3);
            for (boolean first : List.of(true, false)) {
                var file = new LinkedHashMap<String, Tensor>();
                if (first) file.put(root + "lm_head.weight", head);
                file.put(root + "model.language_model.embed_tokens.weight", embedding);
                file.putIfAbsent(root + "lm_head.weight", head);
                assertThat(Pi0Weights.rename(file))
                        .containsExactly(Map.entry(Pi0Weights.WORDS, embedding));
            }
        }
    }

    /// As in PaliGemma's own `tokenizer.json`, whose `<image>` the network has no row for.
    @Test
    void aTokenPastTheVocabularyIsNoObstacle() {
        var file = Path.of("src/test/resources/goldens/pi0fast/tokenizer/tokenizer.json");
        var manner = new Pi0Manner(CameraMap.PI0, Optional.of(file), 0, Optional.empty());
        var usual = Pi0Config.laptop().model();
        var io = usual.io();
        IntFunction<Pi0Config.Model> knowing =
                rows ->
                        new Pi0Config.Model(
                                usual.variant(),
                                usual.vision(),
                                usual.language(),
                                usual.expert(),
                                new Pi0Config.Io(
                                        rows,
                                        io.textTokens(),
                                        io.stateDims(),
                                        io.actionDims(),
                                        io.horizon(),
                                        io.dataAt()));
        assertThat(manner.wording(knowing.apply(280)).tokens("pick up", new float[0]).real())
                .startsWith(2)
                .hasSizeGreaterThan(2);
        assertThatThrownBy(() -> manner.wording(knowing.apply(279)))
                .hasMessageContaining("has 280 tokens, the network knows 279");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pi0", "pi05"})
    void aFolderIsReadyToBeServed(String name) throws Exception {
        var lerobot = lerobot(name);
        assertThat(Pi0Published.is(lerobot)).isTrue();
        var shown = Pi0Published.connection(lerobot, Pi0Published.Choice.NONE);
        assertThat(shown.cameras()).isEqualTo(CameraMap.PI0);
        assertThat(shown.norms().actions().dims()).isEqualTo(DIMS);
        var ready = Pi0Published.ready(lerobot, Pi0Published.Choice.NONE);
        assertThat(ready.execute()).isEqualTo(6);
        var front = observation(DIMS).images().get("front");
        var images = new LinkedHashMap<String, Image>();
        CameraMap.PI0.forEach(camera -> images.put(camera, front));
        var seen = new Observation(images, new float[DIMS], "pick up the red block");
        ready.policy().reset(4);
        assertThat(ready.policy().chunk(seen, ChunkPolicy.Held.NONE)).hasDimensions(6, DIMS);
        ready.close().run();
    }
}
