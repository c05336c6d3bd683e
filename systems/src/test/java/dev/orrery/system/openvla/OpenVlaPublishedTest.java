package dev.orrery.system.openvla;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Fixture;
import dev.orrery.data.text.Tokenizer;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.decoder.DecoderFamily;
import dev.orrery.lm.decoder.Pick;
import dev.orrery.nn.Activation;
import dev.orrery.nn.Module;
import dev.orrery.policy.ActionTokenizer;
import dev.orrery.policy.ActionVocabulary;
import dev.orrery.policy.ChunkPolicy;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.vision.vit.TimmVit;
import dev.orrery.vision.vit.VitConfig;
import dev.orrery.vlm.Manifest;
import dev.orrery.vlm.Prismatic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A folder as OpenVLA is published, with the tiny weights of the fixture.
class OpenVlaPublishedTest {

    private static final Path GOLDEN = TinyOpenVla.GOLDEN;
    private static final String STATISTICS =
            """
            "norm_stats": {
              "bridge_orig": {"action": {"q01": [-1, 0, 0], "q99": [3, 10, 1],
                "mask": [true, true, false]}},
              "fractal20220817_data": {"action": {"q01": [0, 0, 0], "q99": [1, 1, 1],
                "mask": [true, true, false]}}},
            """;

    @TempDir Path folder;

    @BeforeEach
    void lay() throws IOException {
        TinyOpenVla.lay(folder, STATISTICS);
    }

    private void config(String statistics) throws IOException {
        TinyOpenVla.config(folder, statistics);
    }

    private static Image picture(int height, int width) {
        var rgb = new byte[3 * height * width];
        for (int i = 0; i < rgb.length; i++) rgb[i] = (byte) (31 * i + i / 7);
        return new Image(height, width, rgb);
    }

    private static final OpenVlaPublished.Choice BRIDGE = OpenVlaPublished.Choice.of("bridge_orig");

    @Test
    void actionsComeInTheUnitsOfTheChosenDataSet() {
        try (var bridge = OpenVlaPublished.open(folder, BRIDGE);
                var google =
                        OpenVlaPublished.open(
                                folder, OpenVlaPublished.Choice.of("fractal20220817_data"))) {
            assertThat(bridge.unnormKey()).isEqualTo("bridge_orig");
            var a = bridge.predict(picture(50, 70), "Pick up the CUP");
            var b = google.predict(picture(50, 70), "pick up the cup");
            assertThat(b.normalised()).as("case does not matter").isEqualTo(a.normalised());
            var n = a.normalised();
            assertThat(n).hasSize(3);
            assertThat(a.action())
                    .containsExactly(
                            new double[] {2 * (n[0] + 1) - 1, 5 * (n[1] + 1), n[2]}, within(1e-12));
            assertThat(b.action()[0]).isCloseTo((n[0] + 1) / 2, within(1e-12));
            assertThat(a.outside()).isBetween(.2, .99);
            assertThat(bridge.predict(picture(50, 70), "take the robot").outside())
                    .as("words matter")
                    .isNotEqualTo(a.outside());
            assertThat(bridge.predict(picture(70, 50), "pick up the cup").outside())
                    .as("pictures matter")
                    .isNotEqualTo(a.outside());
        }
    }

    @Test
    void wordsThatAreWrittenWithWeightsOfEightBitsAreNearlyTheSame() {
        try (var stored = OpenVlaPublished.open(folder, BRIDGE);
                var rounded =
                        OpenVlaPublished.open(folder, BRIDGE.with(OpenVlaPublished.Weights.INT8))) {
            double outside = stored.predict(picture(50, 70), "pick up the cup").outside();
            var predicted = rounded.predict(picture(50, 70), "pick up the cup");
            assertThat(predicted.outside()).isNotEqualTo(outside).isCloseTo(outside, within(.02));
            assertThat(predicted.action()).hasSize(3);
            assertThat(rounded.kernels()).as("most layers are 48 wide").isEqualTo(stored.kernels());
        }
    }

    @Test
    void theStatisticsMustBeChosenAndUnknownOnesAreAnsweredWithThoseThereAre() throws IOException {
        assertThatThrownBy(() -> OpenVlaPublished.open(folder, OpenVlaPublished.Choice.NONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("statistics of 2 data sets")
                .hasMessageContaining("bridge_orig, fractal20220817_data");
        assertThatThrownBy(() ->
                        OpenVlaPublished.open(folder, OpenVlaPublished.Choice.of("bridge_org")))
                .hasMessageContaining("did you mean 'bridge_orig'?")
                .hasMessageContaining("fractal20220817_data");
        config("");
        assertThatThrownBy(() -> OpenVlaPublished.open(folder, BRIDGE))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("norm_stats")
                .hasMessageContaining("dataset_statistics.json");
        Files.writeString(
                folder.resolve("dataset_statistics.json"),
                "{\"mine\": {\"action\": {\"q01\": [0], \"q99\": [2]}}}");
        try (var mine = OpenVlaPublished.open(folder, OpenVlaPublished.Choice.NONE)) {
            assertThat(mine.unnormKey()).isEqualTo("mine");
            assertThat(mine.predict(picture(28, 28), "take").action()).hasSize(1);
        }
    }

    @Test
    void aTokenizerThatWasExtendedIntoTheBinsIsRefused() throws IOException {
        TinyOpenVla.tokenizer(folder, 95);
        assertThatThrownBy(() -> OpenVlaPublished.open(folder, BRIDGE))
                .hasMessageContaining("the last 32 of 96 ids are not free")
                .hasMessageContaining("95 is '<PAD>'");
    }

    @Test
    void theLoneSpaceIsAppendedUnlessItIsThere() {
        try (var tokenizer = Tokenizer.open(folder)) {
            var ids = OpenVlaPrompt.PLAIN.ids(tokenizer, "Pick up the cup", folder);
            assertThat(ids)
                    .containsExactly(1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16, 9, 17, 13, 14, 5, 3);
        }
        assertThat(OpenVlaPrompt.PLAIN.text("Pick up the Cup"))
                .isEqualTo("In: What action should the robot take to pick up the cup?\nOut:");
        assertThat(OpenVlaPrompt.V01.text("go"))
                .startsWith("A chat between")
                .endsWith(
                        "answers to the user's questions. USER: What action should the robot take"
                                + " to go? ASSISTANT:");
        assertThat(OpenVlaPrompt.named("openvla-v01-7b")).isEqualTo(OpenVlaPrompt.V01);
        assertThat(OpenVlaPrompt.named("openvla-7b")).isEqualTo(OpenVlaPrompt.PLAIN);
    }

    @Test
    void withoutTheLoneSpaceTheTokenizerIsRefused() throws IOException {
        var file = folder.resolve("tokenizer.json");
        Files.writeString(file, Files.readString(file).replace("\"▁\": 3", "\"~\": 3"));
        try (var published = OpenVlaPublished.open(folder, BRIDGE)) {
            assertThatThrownBy(() -> published.predict(picture(28, 28), "pick"))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("▁");
        }
    }

    @Test
    void emptyAndEndlessInstructionsAndUnclearCamerasAreRefused() {
        try (var published = OpenVlaPublished.open(folder, BRIDGE)) {
            assertThatThrownBy(() -> published.predict(picture(28, 28), " "))
                    .hasMessageContaining("empty");
            assertThatThrownBy(() -> published.predict(picture(28, 28), "go ".repeat(65)))
                    .hasMessageContaining("65 words, the most is 64");
            var images = new LinkedHashMap<String, Image>();
            images.put("a", picture(28, 28));
            images.put("b", picture(28, 28));
            var two = new Observation(images, new float[0], "pick");
            assertThatThrownBy(() -> published.chunk(two, ChunkPolicy.Held.NONE))
                    .hasMessageContaining("one camera")
                    .hasMessageContaining("[a, b]");
            images.remove("b");
            var one = new Observation(images, new float[0], "pick");
            assertThat(published.chunk(one, ChunkPolicy.Held.NONE)).hasDimensions(1, 3);
        }
    }

    @Test
    void otherModelsAndResizesAreRefused() throws IOException {
        config(STATISTICS + "\"image_resize_strategy\": \"letterbox\", ");
        assertThatThrownBy(() -> OpenVlaPublished.open(folder, BRIDGE))
                .hasMessageContaining("letterbox")
                .hasMessageContaining("resize-naive");
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"llama\"}");
        assertThatThrownBy(() -> OpenVlaPublished.open(folder, BRIDGE))
                .hasMessageContaining("'llama', not openvla");
        assertThat(OpenVlaPublished.describe(folder)).isEmpty();
    }

    @Test
    void halfPrecisionWeightsAndAllChoicesAct() throws IOException {
        var config = PublicConfig.read(folder.resolve("config.json"));
        double exact;
        try (var published = OpenVlaPublished.open(folder, BRIDGE)) {
            exact = published.predict(picture(40, 40), "pick").outside();
        }
        try (var _ = TensorScope.open()) {
            var size = OpenVlaSizes.read(config, folder);
            var model = Module.unset(() -> new Prismatic(size, Seed.of(0)));
            model.load(folder.resolve("model.safetensors"));
            model.to(DType.BF16);
            model.save(folder.resolve("model.safetensors"));
        }
        var all =
                new OpenVlaPublished.Choice(
                        Optional.of("bridge_orig"),
                        true,
                        true,
                        Optional.of(OpenVlaPrompt.V01),
                        OpenVlaPublished.Weights.INT8);
        try (var half = OpenVlaPublished.open(folder, BRIDGE);
                var published = OpenVlaPublished.open(folder, all)) {
            assertThat(half.predict(picture(40, 40), "pick").outside())
                    .isCloseTo(exact, within(.02));
            assertThat(published.predict(picture(40, 40), "pick").action()).hasSize(3);
        }
        assertThat(OpenVlaPublished.describe(folder).orElseThrow())
                .containsEntry(
                        "towers",
                        "40 channels, 3 blocks, 16 patches; 32 channels, 3 blocks, 16 patches")
                .containsEntry("statistics", "of bridge_orig, fractal20220817_data")
                .containsEntry("tokenizer", "there");
    }

    @Test
    void theSizesOfThePublishedSevenBillionAreReadOffItsWeights() throws IOException {
        var whole = Files.createDirectory(folder.resolve("7b"));
        Manifest.read("openvla-7b").write(whole);
        var config = Manifest.config("openvla-7b");
        var layers = new VitConfig(1024, 24, 16, 4096, Activation.GELU, 1e-6);
        var more = new VitConfig(1152, 27, 16, 4304, Activation.GELU, 1e-6);
        assertThat(OpenVlaSizes.read(config, whole))
                .isEqualTo(
                        Prismatic.Size.of(
                                List.of(
                                        TimmVit.Config.dino(layers, 224, 14, 4, "scale_factor"),
                                        TimmVit.Config.siglip(more, 224, 14)),
                                DecoderFamily.read(config.object("text_config").orElseThrow())));
    }

    @Test
    void aCentreCropKeepsTheMiddleAndNineTenthsOfTheArea() {
        var rgb = new byte[3 * 101 * 101];
        for (int y = 0; y < 101; y++) {
            for (int x = 0; x < 101; x++) rgb[3 * (y * 101 + x)] = (byte) (2 * x);
        }
        var cropped = Crop.centre(new Image(101, 101, rgb), 51);
        double first = (1 - Math.sqrt(.9)) / 2 * 100;
        assertThat(cropped.at(0, 0, 0)).isEqualTo((int) (2 * first / 255 * 255.5));
        assertThat(cropped.at(25, 25, 0)).isEqualTo(100);
        assertThat(cropped.at(50, 50, 0)).isEqualTo((int) (2 * (100 - first) / 255 * 255.5));
    }

    @Test
    void writingWithoutConstraintGivesTheActionsOfTheReferencesTokens() {
        try (var _ = TensorScope.open();
                var _ = Grad.disabled()) {
            var fixture = Fixture.read(GOLDEN);
            var config = PublicConfig.read(fixture.config());
            var size = OpenVlaSizes.read(config, fixture.weightsFile());
            var model = Prismatic.open(size, config, fixture.weightsFile());
            var in = fixture.inputs();
            var wanted = fixture.expected().get("greedy_action_ids").toLongs();
            long prompt = in.get("input_ids").size(1) - 7;
            var embedded =
                    model.embed(
                            model.project(model.look(in.get("pixel_values"))),
                            in.get("input_ids").narrow(1, 0, prompt));
            var tokens =
                    ActionTokenizer.of(
                            ActionTokenizer.Mode.LAST_IDS,
                            ActionVocabulary.of(160, new TreeMap<>()),
                            64);
            var valid = Tensor.ones(DType.I64, 2, embedded.size(1));
            var written =
                    new ActionWriter(tokens, 7, Optional.empty())
                            .write(model.language(), embedded, valid);
            for (int b = 0; b < 2; b++) {
                for (int d = 0; d < 7; d++) {
                    assertThat(written.actions()[b][d])
                            .isEqualTo(tokens.valueAsPublished(wanted[7 * b + d]));
                }
            }
            var bound =
                    new ActionWriter(tokens, 7, Optional.of(Pick.LIKELIEST))
                            .write(model.language(), embedded, valid);
            assertThat(bound.outside()[0]).isBetween(.1, .99);
        }
    }
}
