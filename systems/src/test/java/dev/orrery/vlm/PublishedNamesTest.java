package dev.orrery.vlm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.audio.SpeechFixture;
import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureModel;
import dev.orrery.checkpoint.FixtureRow;
import dev.orrery.checkpoint.Safetensors;
import dev.orrery.lm.PublicConfig;
import dev.orrery.lm.Trace;
import dev.orrery.lm.decoder.CausalLmFixture;
import dev.orrery.lm.encoder.EncoderFixture;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import dev.orrery.vision.vit.HalfEncoder;
import dev.orrery.vision.vit.VisionFixture;
import dev.orrery.vision.vit.VisionTower;
import dev.orrery.vision.vqgan.VqganFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files as people publish them: under older and newer names, with what old libraries left in them,
/// beside heads that are of no use, and in other types. The numbers stay those of the reference.
class PublishedNamesTest {

    private static final Path GOLDENS = Path.of("src/test/resources/goldens");

    @TempDir private Path folder;

    @Test
    void oldDecodersCarryTheirRotaryFrequencies() throws IOException {
        agrees(
                new CausalLmFixture(),
                "llama-gqa",
                adding("model.layers.0.self_attn.rotary_emb.inv_freq", 4));
    }

    @Test
    void aDecoderMayStandInsideAnotherModel() throws IOException {
        agrees(new CausalLmFixture(), "llama-gqa", renamed("^", "language_model."));
    }

    @Test
    void aTiedDecoderMayBeSavedWithoutTheModelAroundIt() throws IOException {
        agrees(new CausalLmFixture(), "llama3-rope", renamed("^model\\.", ""));
    }

    @Test
    void aTiedDecoderMayBeSavedUnderTheNameOfItsHead() throws IOException {
        agrees(
                new CausalLmFixture(),
                "llama3-rope",
                renamed("^model\\.embed_tokens\\.", "lm_head."));
    }

    @Test
    void weightsOfOtherTypesAreWidenedToBeCompared() throws IOException {
        agrees(
                new CausalLmFixture(),
                "gemma",
                state -> {
                    var other = new LinkedHashMap<String, Tensor>();
                    state.forEach((name, tensor) -> other.put(name, tensor.to(DType.F64)));
                    return other;
                });
    }

    @Test
    void wordsOfT5MayStandInItsEncoder() throws IOException {
        agrees(new EncoderFixture(), "t5-encoder", renamed("^shared\\.", "encoder.embed_tokens."));
    }

    @Test
    void anEncoderIsReadOutOfAClassifier() throws IOException {
        agrees(
                new EncoderFixture(),
                "xlm-roberta-encoder",
                state ->
                        adding("classifier.dense.weight", 2)
                                .apply(renamed("^(roberta\\.)?", "roberta.").apply(state)));
    }

    @Test
    void picturesAreReadOutOfAClassifier() throws IOException {
        agrees(
                new VisionFixture(),
                "dinov2",
                state -> {
                    state.remove("embeddings.mask_token");
                    return adding("classifier.weight", 2)
                            .apply(renamed("^", "dinov2.").apply(state));
                });
    }

    @Test
    void aTokenizerIsReadOutOfItsModel() throws IOException {
        agrees(
                new VqganFixture(),
                "vqgan-janus",
                state ->
                        adding("lm_head.weight", 2)
                                .apply(renamed("^", "model.vqmodel.").apply(state)));
    }

    @Test
    void gradientsGoByTheNamesOfTheFile() throws IOException {
        UnaryOperator<Map<String, Tensor>> later =
                renamed(
                        "^(grad\\.)?(wav2vec2\\.encoder\\.pos_conv_embed\\.conv)\\.weight_g",
                        "$1$2.parametrizations.weight.original0");
        copy("wav2vec2-base", later);
        var expected = folder.resolve("expected.safetensors");
        try (var _ = TensorScope.open()) {
            var renamed =
                    later.apply(
                            Safetensors.read(
                                    GOLDENS.resolve("wav2vec2-base/expected.safetensors")));
            assertThat(renamed.keySet()).anyMatch(name -> name.endsWith("original0"));
            Safetensors.write(expected, renamed);
        }
        compare(new SpeechFixture());
    }

    @Test
    void halfOfADualEncoderIsReadOutOfTheWhole() {
        try (var _ = TensorScope.open()) {
            var fixture = Fixture.read(GOLDENS.resolve("siglip"));
            var config = PublicConfig.read(fixture.config());
            var kind = VisionTower.Kind.SIGLIP;
            try (var pictures =
                            HalfEncoder.pictures(config, kind, false).open(fixture.weightsFile());
                    var words =
                            HalfEncoder.words(config, kind, false).open(fixture.weightsFile())) {
                var in = fixture.inputs();
                var ids = in.get("input_ids");
                var mask = Tensor.ones(DType.I64, ids.shape());
                var rows =
                        fixture.compare(
                                Map.of(
                                        "vision.pooler_output",
                                        pictures.tower()
                                                .forward(in.get("pixel_values"), Trace.silent())
                                                .pooled(),
                                        "text.pooler_output",
                                        words.tower().forward(ids, mask, Trace.silent()).pooled()));
                assertThat(rows.stream().filter(FixtureRow::passed).map(FixtureRow::name))
                        .containsExactlyInAnyOrder("vision.pooler_output", "text.pooler_output");
            }
        }
    }

    private static UnaryOperator<Map<String, Tensor>> renamed(String from, String to) {
        return state -> {
            var other = new LinkedHashMap<String, Tensor>();
            state.forEach((name, tensor) -> other.put(name.replaceFirst(from, to), tensor));
            return other;
        };
    }

    private static UnaryOperator<Map<String, Tensor>> adding(String name, long size) {
        return state -> {
            var other = new LinkedHashMap<>(state);
            other.put(name, Tensor.ones(size));
            return other;
        };
    }

    private void agrees(
            FixtureModel model, String golden, UnaryOperator<Map<String, Tensor>> change)
            throws IOException {
        copy(golden, change);
        compare(model);
    }

    private void copy(String golden, UnaryOperator<Map<String, Tensor>> change) throws IOException {
        try (var files = Files.list(GOLDENS.resolve(golden))) {
            for (var file : files.toList()) Files.copy(file, folder.resolve(file.getFileName()));
        }
        var weights = folder.resolve("weights.safetensors");
        try (var _ = TensorScope.open()) {
            var state =
                    new LinkedHashMap<>(
                            Safetensors.read(
                                    GOLDENS.resolve(golden).resolve("weights.safetensors")));
            Safetensors.write(weights, change.apply(state));
        }
    }

    private void compare(FixtureModel model) {
        try (var _ = TensorScope.open()) {
            var fixture = Fixture.read(folder);
            assertThat(fixture.compare(model.run(fixture)))
                    .isNotEmpty()
                    .allMatch(FixtureRow::passed, "agrees with the reference");
        }
    }
}
