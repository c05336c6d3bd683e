package dev.orrery.vlm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.audio.Wav2Vec2;
import dev.orrery.checkpoint.CheckpointException;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.PublicWeights;
import dev.orrery.lm.decoder.CausalLm;
import dev.orrery.lm.decoder.DecoderFamily;
import dev.orrery.lm.encoder.Roberta;
import dev.orrery.lm.encoder.T5Encoder;
import dev.orrery.nn.Activation;
import dev.orrery.nn.Module;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Seed;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.vision.vit.Dinov2;
import dev.orrery.vision.vit.DualEncoder;
import dev.orrery.vision.vit.TimmVit;
import dev.orrery.vision.vit.VitConfig;
import dev.orrery.vlm.qwen.QwenVl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Published checkpoints at their full size: every name, shape, type and shard, in files that take
/// no room because nothing was ever written to them.
class PublicManifestsTest {

    private static final Path GOLDENS = Path.of("src/test/resources/goldens");

    @TempDir Path folder;
    private final TensorScope scope = TensorScope.open();

    @AfterEach
    void close() {
        scope.close();
    }

    @ParameterizedTest
    @CsvSource({
        "llama-3.2-1b, 1235814400, BF16",
        "qwen2.5-0.5b, 494032768, BF16",
        "qwen3-0.6b, 596049920, BF16",
        "gemma-2-2b, 2614341888, F32",
        "paligemma-3b-pt-224, 2923466480, F32",
        "siglip-so400m-patch14-384, 877960498, F32",
        "dinov2-with-registers-base, 86583552, F32",
        "clip-vit-large-patch14, 427616513, F32",
        "t5-base, 109628544, F32",
        "wav2vec2-base-960h, 94395552, F32",
        "xlm-roberta-base, 278295186, F32",
        "qwen2.5-vl-3b, 3754622976, BF16",
        "openvla-7b, 7541237184, BF16"
    })
    void everyTensorOfAPublishedCheckpointFindsItsPlace(String name, long numbers, DType type)
            throws IOException {
        Manifest.read(name).write(folder);
        long before = resident();
        try (var model = open(Manifest.config(name))) {
            assertThat(model.parameterCount()).isEqualTo(numbers);
            assertThat(model.parameters()).allMatch(p -> p.dtype() == type);
            assertThat(resident() - before).as("mapped, not read").isLessThan(500L << 20);
        }
    }

    private Module open(PublicConfig config) {
        return config.text("model_type", "").equals("openvla")
                ? Prismatic.open(prismatic(config), config, folder)
                : weights(config).open(folder);
    }

    private static Prismatic.Size prismatic(PublicConfig config) {
        return Prismatic.Size.of(
                List.of(
                        TimmVit.Config.dino(vit(1024, 24, 16, 4096), 224, 14, 4, "scale_factor"),
                        TimmVit.Config.siglip(vit(1152, 27, 16, 4304), 224, 14)),
                DecoderFamily.read(config.object("text_config").orElseThrow()));
    }

    private static VitConfig vit(int width, int depth, int heads, int mlp) {
        return new VitConfig(width, depth, heads, mlp, Activation.GELU, 1e-6);
    }

    private static PublicWeights<? extends Module> weights(PublicConfig config) {
        var type = config.text("model_type", "");
        return switch (type) {
            case "paligemma" -> PaliGemma.weights(config);
            case "qwen2_5_vl" -> QwenVl.weights(config);
            case "clip", "siglip" -> DualEncoder.weights(config);
            case "dinov2", "dinov2_with_registers" -> Dinov2.weights(config);
            case "t5" -> T5Encoder.weights(config);
            case "wav2vec2" -> Wav2Vec2.weights(config);
            case "xlm-roberta" -> Roberta.weights(config);
            default -> CausalLm.weights(config);
        };
    }

    /// Bytes of this process that are in memory and not shared with files, where the system tells.
    private static long resident() throws IOException {
        var status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) return 0;
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama-gqa",
                "llama3-rope",
                "qwen3",
                "gemma",
                "gemma2",
                "paligemma",
                "qwen2_5-vl",
                "qwen2_5-vl-pictures",
                "clip",
                "siglip",
                "dinov2-registers",
                "t5-encoder",
                "t5v11-encoder",
                "wav2vec2-base",
                "xlm-roberta"
            })
    void whatIsOpenedIsSavedToTheByteInOneFileAndInShards(String name) throws IOException {
        var golden = GOLDENS.resolve(name);
        var one = folder.resolve("one");
        Files.createDirectories(one);
        Files.copy(golden.resolve("weights.safetensors"), one.resolve("model.safetensors"));
        var many = folder.resolve("many");
        Files.createDirectories(many);
        Safetensors.writeShards(
                many,
                Safetensors.read(one),
                Map.of("format", "pt"),
                Safetensors.AS_THEY_ARE,
                Files.size(one.resolve("model.safetensors")) / 3);
        var weights = weights(PublicConfig.read(golden.resolve("config.json")));
        for (var source : List.of(one, many)) {
            var target = folder.resolve(source.getFileName() + "-again");
            try (var model = weights.open(source)) {
                saveAndCompare(weights, model, source, target);
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static <M extends Module> void saveAndCompare(
            PublicWeights<M> weights, Module model, Path source, Path target) throws IOException {
        weights.save((M) model, source, target);
        try (var files = Files.list(source)) {
            for (var file : files.toList()) {
                assertThat(target.resolve(file.getFileName())).hasSameBinaryContentAs(file);
            }
        }
    }

    @Test
    void aRepeatedHeadFollowsTheEmbeddingAndWhatIsNotUsedStays() throws IOException {
        var golden = GOLDENS.resolve("llama3-rope");
        var stored = Safetensors.read(golden.resolve("weights.safetensors"));
        var more = new java.util.LinkedHashMap<>(stored);
        more.put("lm_head.weight", stored.get("model.embed_tokens.weight"));
        Safetensors.write(folder.resolve("model.safetensors"), more, Map.of("format", "pt"));
        var weights = CausalLm.weights(PublicConfig.read(golden.resolve("config.json")));
        var again = folder.resolve("again");
        try (var lm = weights.open(folder)) {
            lm.freeze();
            lm.model().embedding().weight().add_(1);
            weights.save(lm, folder, again);
            var saved = Safetensors.read(again);
            assertThat(saved.keySet()).isEqualTo(more.keySet());
            assertThat(saved.get("lm_head.weight").toFloats())
                    .isEqualTo(lm.model().embedding().weight().toFloats());
        }
    }

    @Test
    void brokenCheckpointsAreToldBySaying() throws IOException {
        var manifest = Manifest.read("openvla-7b");
        manifest.write(folder);
        var config = Manifest.config("openvla-7b");
        var shard = folder.resolve("model-00002-of-00003.safetensors");
        try (var file = new java.io.RandomAccessFile(shard.toFile(), "rw")) {
            file.setLength(file.length() - 10);
        }
        assertThatThrownBy(() -> open(config))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("model-00002-of-00003.safetensors");
        Files.delete(shard);
        assertThatThrownBy(() -> open(config))
                .hasMessageContaining("model-00002-of-00003.safetensors")
                .hasMessageContaining("the shard that should hold it is missing");
    }

    @Test
    void namesThatDoNotFitAreListedWithTheNearest() throws IOException {
        Manifest.read("qwen2.5-0.5b")
                .renamed("model.layers.3.mlp.up_proj.weight", "model.layers.3.mlp.up.weight")
                .reshaped("model.embed_tokens.weight", List.of(151_000L, 896L))
                .write(folder);
        assertThatThrownBy(() -> open(Manifest.config("qwen2.5-0.5b")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(
                        "missing 1 [model.layers.3.mlp.up_proj.weight (nearest: model.layers.3.mlp.up.weight)]")
                .hasMessageContaining("unexpected 1 [model.layers.3.mlp.up.weight]")
                .hasMessageContaining(
                        "model.embed_tokens.weight needs [151936, 896], got [151000, 896]");
    }

    @Test
    void aTiedModelWithoutItsEmbeddingSaysSo() throws IOException {
        Manifest.read("qwen3-0.6b")
                .without("model.embed_tokens.weight")
                .without("lm_head.weight")
                .write(folder);
        assertThatThrownBy(() -> open(Manifest.config("qwen3-0.6b")))
                .hasMessageContaining("missing 1 [model.embed_tokens.weight");
    }

    @Test
    void aModelThatIsNotTiedNeedsItsHead() throws IOException {
        Manifest.read("openvla-7b").without("language_model.lm_head.weight").write(folder);
        assertThatThrownBy(() -> open(Manifest.config("openvla-7b")))
                .hasMessageContaining("missing 1 [language_model.lm_head.weight]");
    }

    @Test
    void typesOfTheFileAreKept() {
        var weights = CausalLm.weights(PublicConfig.read(GOLDENS.resolve("qwen2/config.json")));
        var halves = new java.util.LinkedHashMap<String, Tensor>();
        Safetensors.read(GOLDENS.resolve("qwen2/weights.safetensors"))
                .forEach((name, tensor) -> halves.put(name, tensor.to(DType.BF16)));
        Safetensors.write(folder.resolve("model.safetensors"), halves);
        try (var lm = weights.open(folder)) {
            assertThat(lm.parameters()).allMatch(p -> p.dtype() == DType.BF16);
            var ids = Seed.of(1).integers(40, 1, 6);
            var logits = lm.forward(ids, dev.orrery.lm.decoder.DecoderPass.whole(6));
            assertThat(logits.dtype()).isEqualTo(DType.F32);
        }
    }
}
