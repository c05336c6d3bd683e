package dev.orrery.system.internvlam1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.lm.PublicConfig;
import dev.orrery.nn.Activation;
import dev.orrery.nn.Module;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.system.internvlam1.InternVlaM1Published.Choice;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.vision.vit.HubDino;
import dev.orrery.vision.vit.VitConfig;
import dev.orrery.vlm.Manifest;
import dev.orrery.vlm.WordTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InternVlaM1PublishedTest {

    private static final Path QWEN = Path.of("src/test/resources/goldens/qwen2_5-vl/config.json");

    private static final PublishedSizes SMALL =
            new PublishedSizes(
                    new HubDino.Config(new VitConfig(8, 2, 2, 16, Activation.GELU, 1e-6), 32, 4),
                    48,
                    new PublishedSizes.Layers(1, 3),
                    new QueryTransformer.Size(48, 16, 6, 2, 4, .1),
                    new ActionDit.Size(3, 16, 16, 2, 4, 6));

    private final List<String> told = new ArrayList<>();

    @TempDir private Path folder;

    @BeforeEach
    void write() throws IOException {
        Files.copy(QWEN, folder.resolve("config.json"));
        config(
                "    CoT_prompt: \"Your task is {instruction}. Locate\"\n"
                        + "    image_size: [16, 16]\n");
        statistics("\"bridge\": %s, \"rt1\": %s".formatted(bounds(2), bounds(6)));
        tokenizer();
        Files.writeString(
                folder.resolve("chat_template.jinja"),
                "{% for m in messages %}{% for c in m.content %}{% if c.type == 'image' %}see"
                        + " <image>{% else %}{{ c.text }}{% endif %}{% endfor %}{% endfor %}");
        weights(true);
    }

    private void config(String data) throws IOException {
        Files.writeString(
                folder.resolve("config.yaml"),
                """
                framework:
                  qwenvl:
                    base_vlm: ./nowhere
                  layer_qformer: {}
                datasets:
                  vla_data:
                %s\
                """
                        .formatted(data)
                        .replace("  layer_qformer: {}\n", ""));
    }

    private static String bounds(int high) {
        return """
        {"action": {"q01": [-2, 0, 0], "q99": [%d, 1, 1], "min": [-9, 0, 0], "max": [9, 1, 1],
         "mask": [true, true, false]}}\
        """
                .formatted(high);
    }

    private void statistics(String sets) throws IOException {
        Files.writeString(folder.resolve("dataset_statistics.json"), "{%s}".formatted(sets));
    }

    private void tokenizer() throws IOException {
        var words =
                List.of("<unk>", "your", "Your", "task", "is", ".", "Locate", "pick", "up", "cup");
        WordTokenizer.write(folder, words, Map.of("<image>", 135));
    }

    /// Weights as published: with what nothing reads, and with or without the older names.
    private void weights(boolean older) throws IOException {
        try (var _ = TensorScope.open();
                var network = new PublishedNetwork(SMALL, PublicConfig.read(QWEN), Seed.of(5))) {
            var state = new LinkedHashMap<String, Tensor>();
            network.stateDict()
                    .forEach((name, tensor) -> state.put(older ? name : later(name), tensor));
            // the output layer starts at zero, which would hide everything; large, all actions
            // would be
            // clipped
            var last = "action_model.net.final_layer.linear.weight";
            state.put(last, Seed.of(6).normal(3, 16).mul(.02));
            state.put("action_model.net.history_embedder.linear.weight", Tensor.zeros(16, 3));
            state.put("dino_encoder.body.mask_token", Tensor.zeros(1, 8));
            Safetensors.write(folder.resolve("model.safetensors"), state);
        }
    }

    private static String later(String name) {
        var vlm = "qwen_vl_interface.model.";
        return name.replace(vlm + "visual.", vlm + "model.visual.")
                .replace(vlm + "model.layers", vlm + "model.language_model.layers")
                .replace(vlm + "model.norm", vlm + "model.language_model.norm")
                .replace(vlm + "model.embed_tokens", vlm + "model.language_model.embed_tokens");
    }

    private InternVlaM1Published open(Choice choice) {
        return InternVlaM1Published.open(folder, SMALL, choice, told::add);
    }

    private static Image picture(int height, int width) {
        var rgb = new byte[3 * height * width];
        for (int i = 0; i < rgb.length; i++) rgb[i] = (byte) (31 * i + i / 7);
        return new Image(height, width, rgb);
    }

    private static final Choice BRIDGE = Choice.USUAL.unnormalised("bridge");

    @Test
    void actionsComeInTheUnitsOfTheChosenDataSetAndOfTheSeed() {
        try (var bridge = open(BRIDGE);
                var google = open(Choice.USUAL.unnormalised("rt1"))) {
            var views = List.of(picture(16, 16));
            var a = bridge.predict(views, "Pick up the CUP", Seed.of(1));
            var b = google.predict(views, "pick up the cup", Seed.of(1));
            assertThat(a.actions()).hasDimensions(16, 3);
            assertThat(b.normalised()).as("case does not matter").isDeepEqualTo(a.normalised());
            for (int k = 0; k < 16; k++) {
                var n = a.normalised()[k];
                assertThat(a.actions()[k][0]).isCloseTo(2 * n[0], within(1e-9));
                assertThat(b.actions()[k][0]).isCloseTo(4 * n[0] + 2, within(1e-9));
                assertThat(n[2]).as("the gripper is open or closed").isIn(0.0, 1.0);
            }
            var other = bridge.predict(views, "pick up the cup", Seed.of(2)).normalised();
            assertThat(Arrays.deepEquals(other, a.normalised())).isFalse();
            assertThat(bridge.header(3))
                    .containsEntry("statistics", "bridge")
                    .containsEntry("executed", "3 of 16")
                    .containsEntry("resize", "bicubic, antialiased, to 16")
                    .containsEntry("sampling", "DDIM 10, guidance 1.5");
        }
    }

    @Test
    void picturesAndWordsBothMatter() {
        try (var policy = open(BRIDGE)) {
            var seen = policy.predict(List.of(picture(16, 16)), "pick up", Seed.of(1)).normalised();
            var told = policy.predict(List.of(picture(16, 16)), "cup", Seed.of(1)).normalised();
            var two =
                    policy.predict(List.of(picture(16, 16), picture(16, 16)), "pick up", Seed.of(1))
                            .normalised();
            assertThat(Arrays.deepEquals(seen, told)).isFalse();
            assertThat(Arrays.deepEquals(seen, two)).isFalse();
        }
    }

    @Test
    void laterNamesOfTheVisionLanguageModelGiveTheSameActions() throws IOException {
        double[][] older;
        try (var policy = open(BRIDGE)) {
            older = policy.predict(List.of(picture(16, 16)), "cup", Seed.of(1)).actions();
        }
        weights(false);
        try (var policy = open(BRIDGE)) {
            assertThat(policy.predict(List.of(picture(16, 16)), "cup", Seed.of(1)).actions())
                    .isDeepEqualTo(older);
        }
    }

    @Test
    void whatNothingReadsIsListed() {
        open(BRIDGE).close();
        assertThat(told)
                .containsExactly(
                        "internvla-m1: 2 tensors are not used:"
                                + " [action_model.net.history_embedder.linear.weight,"
                                + " dino_encoder.body.mask_token]");
    }

    @Test
    void oddPicturesAndUnusedStatesAreSaidOnce() {
        try (var policy = open(BRIDGE)) {
            told.clear();
            var images = new LinkedHashMap<String, Image>();
            images.put("front", picture(16, 24));
            var seen = new Observation(images, new float[] {1, 2}, "cup");
            policy.reset(3);
            var first = policy.chunk(seen, ChunkPolicy.Held.NONE);
            var second = policy.chunk(seen, ChunkPolicy.Held.NONE);
            assertThat(told)
                    .containsExactly(
                            "internvla-m1: the state of 2 values is not used; this model sees"
                                    + " pictures and words only",
                            "internvla-m1: a picture of 16 x 24 is squeezed into a square; crop it"
                                    + " as in training");
            assertThat(Arrays.deepEquals(second, first)).as("fresh noise").isFalse();
            policy.reset(3);
            assertThat(policy.chunk(seen, ChunkPolicy.Held.NONE)).isDeepEqualTo(first);
        }
    }

    @Test
    void badInputIsAnsweredInOneSentence() {
        try (var policy = open(BRIDGE)) {
            var three = List.of(picture(8, 8), picture(8, 8), picture(8, 8));
            assertThatThrownBy(() -> policy.predict(three, "cup", Seed.of(1)))
                    .hasMessage(
                            "internvla-m1 looks through 1 or 2 cameras, got 3 pictures; leave the"
                                    + " others out");
            assertThatThrownBy(() -> policy.predict(three.subList(0, 1), " ", Seed.of(1)))
                    .hasMessage("internvla-m1: the instruction is empty; say what to do");
        }
    }

    @Test
    void statisticsMustBeThereAndBeChosen() throws IOException {
        assertThatThrownBy(() -> open(Choice.USUAL))
                .hasMessageContaining("several data sets; choose one of [bridge, rt1]");
        assertThatThrownBy(() -> open(Choice.USUAL.unnormalised("bridg")))
                .hasMessageContaining("no statistics of 'bridg'")
                .hasMessageContaining("bridge");
        statistics("\"short\": {\"action\": {\"q01\": [0], \"q99\": [1]}}");
        assertThatThrownBy(() -> open(Choice.USUAL))
                .hasMessageContaining("has 1 action dimensions, the model 3");
        Files.delete(folder.resolve("dataset_statistics.json"));
        assertThatThrownBy(() -> open(Choice.USUAL))
                .hasMessageContaining("dataset_statistics.json")
                .hasMessageContaining("nobody knows the units");
    }

    @Test
    void publishedFilesOfTorchAreLookedForInBothPlaces() throws IOException {
        Files.delete(folder.resolve("model.safetensors"));
        assertThatThrownBy(() -> open(BRIDGE)).hasMessageContaining("holds no weights");
        Files.createDirectory(folder.resolve("checkpoints"));
        Files.write(folder.resolve("checkpoints/steps_50000_pytorch_model.pt"), new byte[] {1});
        assertThatThrownBy(() -> open(BRIDGE))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("steps_50000_pytorch_model.pt")
                .hasMessageContaining("is no zip file, as torch.save has written them");
    }

    @Test
    void missingAndStrangeTensorsAreNamed() throws IOException {
        try (var _ = TensorScope.open()) {
            var state = new LinkedHashMap<>(Safetensors.read(folder.resolve("model.safetensors")));
            state.put("dino_pro.wait", state.remove("dino_pro.weight"));
            Safetensors.write(folder.resolve("model.safetensors"), state);
        }
        assertThatThrownBy(() -> open(BRIDGE))
                .hasMessageContaining("missing 1 [dino_pro.weight (nearest: dino_pro.wait)]")
                .hasMessageContaining("unexpected 1 [dino_pro.wait]");
    }

    @Test
    void withoutTheBaseModelItSaysWhatIsMissing() throws IOException {
        Files.delete(folder.resolve("config.json"));
        assertThatThrownBy(() -> open(BRIDGE))
                .hasMessageContaining("config.json")
                .hasMessageContaining("base_vlm of config.yaml is no folder here");
        Files.copy(QWEN, folder.resolve("config.json"));
        try (var policy = open(BRIDGE.on(folder))) {
            assertThat(policy.unnormKey()).isEqualTo("bridge");
        }
    }

    @Test
    void thePublishedSizesHaveThePublishedNames() throws IOException {
        var wanted = new LinkedHashMap<String, List<Long>>();
        Manifest.read("qwen2.5-vl-3b")
                .tensors()
                .forEach((n, e) -> wanted.put("qwen_vl_interface.model." + n, e.shape()));
        Manifest.read("internvla-m1").tensors().forEach((n, e) -> wanted.put(n, e.shape()));
        var unused =
                List.of(
                        "action_model.net.history_embedder.linear.weight",
                        "action_model.net.history_embedder.linear.bias",
                        "dino_encoder.body.mask_token");
        assertThat(wanted.keySet()).containsAll(unused);
        unused.forEach(wanted::remove);
        var paper =
                Module.outline(() ->
                        new PublishedNetwork(
                                PublishedSizes.paper(),
                                Manifest.config("qwen2.5-vl-3b"),
                                Seed.of(0)));
        var found = new LinkedHashMap<String, List<Long>>();
        paper.stateDict()
                .forEach((n, t) -> found.put(n, Arrays.stream(t.shape()).boxed().toList()));
        assertThat(found).containsExactlyInAnyOrderEntriesOf(wanted);
        assertThat(paper.parameterCount()).isBetween(3_800_000_000L, 4_200_000_000L);
    }

    @Test
    void theReleasedConfigurationGivesTheSizesOfThePaper() throws IOException {
        Files.writeString(
                folder.resolve("config.yaml"),
                """
                framework:
                  framework_py: InternVLA-M1 # comment
                  dino:
                    dino_backbone: dinov2_vits14
                  layer_qformer:
                    qformer_end_layer: 37
                    qformer_start_layer: 36
                    num_query_tokens: 64
                    input_dim: 2048
                    ouptput_dim: 768
                    grad_scale: 0.5
                  action_model:
                    action_model_type: DiT-B
                    action_hidden_dim: 768
                    action_dim: 7
                    future_action_window_size: 15
                    past_action_window_size: 0
                """);
        assertThat(PublishedSizes.read(folder, 2048)).isEqualTo(PublishedSizes.paper());
        assertThat(new InternVlaM1Folder(folder).describe().orElseThrow())
                .containsEntry("queries", "64 of 768 channels into layers 36 to 36")
                .containsEntry(
                        "expert", "12 blocks of 768 channels, chunks of 16 actions of 7 values")
                .containsEntry("statistics", "of bridge, rt1");
        assertThat(new InternVlaM1Folder(folder.resolve("none")).describe()).isEmpty();
        var file = folder.resolve("config.yaml");
        Files.writeString(file, Files.readString(file).replace("DiT-B", "DiT-XL"));
        assertThatThrownBy(() -> PublishedSizes.read(folder, 2048))
                .hasMessageContaining("action_model_type")
                .hasMessageContaining("known are DiT-S, DiT-B and DiT-L");
        Files.writeString(file, Files.readString(file).replace("DiT-XL", "DiT-S"));
        assertThatThrownBy(() -> PublishedSizes.read(folder, 2048))
                .hasMessageContaining("action_hidden_dim")
                .hasMessageContaining("is 768, the model around it has 384");
    }

    @Test
    void thePromptAsksForPlacesInLowerCase() {
        assertThat(SpatialPrompt.PAPER.text(" Pick up the Cup"))
                .startsWith("Your task is pick up the cup. To identify the key objects")
                .endsWith("in [x1,y1,x2,y2] format.");
        assertThatThrownBy(() -> new SpatialPrompt("do it"))
                .hasMessageContaining("has no {instruction}");
        assertThat(Optional.of(SpatialPrompt.NONE.text("Go"))).contains("go");
    }
}
