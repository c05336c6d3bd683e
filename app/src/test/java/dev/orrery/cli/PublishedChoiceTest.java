package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.wire.NdArray;
import dev.orrery.data.wire.Value;
import dev.orrery.data.wire.Value.Fields;
import dev.orrery.lm.decoder.DecoderConfig;
import dev.orrery.nn.Activation;
import dev.orrery.nn.AttentionConfig.Biases;
import dev.orrery.nn.Kernels;
import dev.orrery.nn.Rotary;
import dev.orrery.serve.PolicyService;
import dev.orrery.system.openvla.OpenVlaPublished.Weights;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.vision.vit.TimmVit;
import dev.orrery.vision.vit.VitConfig;
import dev.orrery.vlm.Prismatic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A tiny model in the layout of published ones, asked as OpenVLA's own server is.
class PublishedChoiceTest {

    private static final int ROWS = 160;

    @TempDir Path folder;

    @BeforeEach
    void publish() throws IOException {
        var layers = new VitConfig(16, 2, 2, 32, Activation.GELU, 1e-6);
        var words =
                new DecoderConfig(
                        ROWS,
                        16,
                        32,
                        new DecoderConfig.Heads(2, 2, 8, Biases.NONE, false, Math.pow(8, -.5), 0),
                        new DecoderConfig.Style(
                                1e-6, false, Activation.SILU, false, false, false, 0),
                        DecoderConfig.Positions.everywhere(Rotary.halves(8, 1e4), 1, 64),
                        false);
        var towers =
                List.of(
                        TimmVit.Config.dino(layers, 28, 14, 4, "scale_factor"),
                        TimmVit.Config.siglip(layers, 28, 14));
        try (var model = new Prismatic(Prismatic.Size.of(towers, words), Seed.of(1))) {
            model.save(folder.resolve("model.safetensors"));
        }
        Files.writeString(
                folder.resolve("config.json"),
                """
                {"model_type": "openvla", "n_action_bins": 32, "heads": [2, 2],
                 "norm_stats": {"a": {"action": {"q01": [-1,-1,-1,-1,-1,-1,0],
                   "q99": [1,1,1,1,1,1,1], "mask": [true,true,true,true,true,true,false]}},
                  "b": {"action": {"q01": [0, 0], "q99": [9, 9]}}},
                 "text_config": {"model_type": "llama", "vocab_size": 160, "hidden_size": 16,
                   "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}}
                """);
        Files.writeString(
                folder.resolve("tokenizer.json"),
                """
                {"version": "1.0", "truncation": null, "padding": null, "normalizer": null,
                 "added_tokens": [{"id": 1, "content": "<s>", "special": true, "single_word": false,
                   "lstrip": false, "rstrip": false, "normalized": false}],
                 "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null, "decoder": null,
                 "model": {"type": "WordLevel", "unk_token": "<unk>",
                   "vocab": {"<unk>": 0, "<s>": 1, "▁": 2, "robot": 3}}}
                """);
    }

    private static Fields question(String key) {
        return Fields.empty()
                .with("image", NdArray.of(new byte[3 * 20 * 30], 20, 30, 3))
                .with("instruction", "pick up the cup")
                .with("unnorm_key", key);
    }

    private static Optional<PublishedChoice> find(
            String word, Optional<String> key, boolean crop, Weights weights) {
        var wanted = new PublishedChoice.Wanted(key, crop, weights, Optional.empty());
        return PublishedChoice.find(word, wanted, _ -> {});
    }

    @Test
    void anInternVlaIsKnownByItsConfiguration() throws IOException {
        var other = Files.createDirectory(folder.resolve("m1"));
        Files.writeString(
                other.resolve("config.yaml"),
                "framework:\n  layer_qformer:\n    qformer_start_layer: 36\n");
        Files.writeString(
                other.resolve("dataset_statistics.json"),
                "{\"bridge\": {\"action\": {\"q01\": [-1, 0], \"q99\": [2, 1]}}}");
        var choice = find(other.toString(), Optional.empty(), false, Weights.STORED).orElseThrow();
        assertThat(choice.toString()).endsWith("units of 'bridge'");
        assertThat(choice.robot().actions().high()).isEqualTo(2);
        assertThatThrownBy(choice::open).hasMessageContaining("config.json");
        assertThatThrownBy(() -> find(other.toString(), Optional.empty(), true, Weights.STORED))
                .hasMessageContaining("is an InternVLA-M1, not an OpenVLA");
        var based =
                new PublishedChoice.Wanted(
                        Optional.empty(), false, Weights.STORED, Optional.of(other));
        assertThatThrownBy(() -> PublishedChoice.find(folder.toString(), based, _ -> {}))
                .hasMessageContaining("is no published InternVLA-M1; leave out --base");
    }

    /// LeRobot's tiny network, with the answer that LeRobot gives.
    @Test
    void aPiZeroFastIsServed() throws IOException {
        var golden = Path.of("../systems/src/test/resources/goldens/pi0fast");
        var fast = Files.createDirectory(folder.resolve("fast"));
        try (var files = Files.walk(golden)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var name = golden.relativize(file).toString().replace("weights.", "model.");
                Files.createDirectories(fast.resolve(name).getParent());
                Files.copy(file, fast.resolve(name));
            }
        }
        assertThatThrownBy(() -> find(fast.toString(), Optional.empty(), true, Weights.STORED))
                .hasMessageContaining("is of the π0 family, not an OpenVLA");
        var choice = find(fast.toString(), Optional.empty(), false, Weights.STORED).orElseThrow();
        var robot = choice.robot();
        assertThat(choice.toString()).endsWith("units of 'fast'");
        assertThat(robot.stateSize()).isEqualTo(4);
        assertThat(robot.actions().names()).containsExactly("a0", "a1", "a2");
        var picture = NdArray.of(new byte[3 * 20 * 30], 20, 30, 3);
        var question =
                Fields.empty()
                        .with("observation/image", picture)
                        .with("observation/wrist_image", picture)
                        .with("observation/state", NdArray.of(new float[] {0, 1, 3, 14}, 4))
                        .with("prompt", "put the blue block in");
        try (var service = PolicyService.of(robot, Fields.empty(), 1, choice::open);
                var robots = service.open(1)) {
            assertThat(service.metadata().whole("execute")).isEqualTo(5);
            var answer = robots.answer(question);
            assertThat(answer.entries().get("actions"))
                    .isInstanceOfSatisfying(
                            Value.Array.class,
                            a -> assertThat(a.value().shape()).containsExactly(5, 3));
        }
    }

    @Test
    void aPublishedFolderAnswersActInTheUnitsThatWereChosen() {
        var choice = find(folder.toString(), Optional.of("a"), true, Weights.STORED).orElseThrow();
        assertThat(choice.toString()).endsWith("units of 'a'");
        assertThat(choice.robot().actions().names()).endsWith("yaw", "gripper").hasSize(7);
        try (var service = PolicyService.of(choice.robot(), Fields.empty(), 1, choice::open)) {
            assertThat(service.metadata().text(PolicyService.KERNELS))
                    .isEqualTo(Kernels.of(DType.F32).line());
            var answer = service.act(question("a")).orElseThrow();
            assertThat(answer)
                    .isInstanceOfSatisfying(
                            Value.Array.class,
                            a -> assertThat(a.value().shape()).containsExactly(7));
            assertThatThrownBy(() -> service.act(question("b")))
                    .hasMessageContaining("no statistics 'b'");
            assertThatThrownBy(() ->
                            service.act(question("a").with("state", NdArray.of(new float[4], 4))))
                    .hasMessageContaining("nobody reads 'state'");
        }
        var two = find(folder.toString(), Optional.of("b"), false, Weights.STORED).orElseThrow();
        assertThat(two.robot().actions().names()).containsExactly("a0", "a1");
        assertThat(two.robot().actions().high()).isEqualTo(9);
    }

    @Test
    void choicesThatMeanNothingAreRefused() {
        var open = find(folder.toString(), Optional.empty(), false, Weights.STORED).orElseThrow();
        assertThatThrownBy(open::robot).hasMessageContaining("name one as unnormKey: a, b");
        assertThat(find("pi0", Optional.empty(), false, Weights.STORED)).isEmpty();
        assertThatThrownBy(() -> find("pi0", Optional.of("a"), false, Weights.STORED))
                .hasMessageContaining("no published OpenVLA");
        assertThatThrownBy(() -> find("pi0", Optional.empty(), false, Weights.INT8))
                .hasMessageContaining("--int8");
        var int8 = find(folder.toString(), Optional.of("a"), false, Weights.INT8).orElseThrow();
        int8.open().close().run();
    }
}
