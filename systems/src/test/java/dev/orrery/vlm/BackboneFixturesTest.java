package dev.orrery.vlm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.audio.SpeechFixture;
import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureModel;
import dev.orrery.checkpoint.FixtureRow;
import dev.orrery.lm.decoder.CausalLmFixture;
import dev.orrery.tensor.TensorScope;
import dev.orrery.vision.vit.VisionFixture;
import dev.orrery.vision.vqgan.VqganFixture;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Numbers of the reference implementations: outputs, intermediates, gradients, greedy decoding.
class BackboneFixturesTest {

    private static final Path GOLDENS = Path.of("src/test/resources/goldens");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "clip",
                "clip-half",
                "siglip",
                "siglip2-cut",
                "dinov2",
                "dinov2-registers",
                "timm-siglip",
                "timm-dinov2-reg",
                "timm-dino-giant"
            })
    void visionEncodersComputeWhatTheReferenceDoes(String name) {
        agrees(new VisionFixture(), name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "paligemma",
                "paligemma-2",
                "paligemma-2-logits",
                "paligemma-rows",
                "openvla"
            })
    void visionLanguageModelsComputeWhatTheReferenceDoes(String name) {
        agrees(new VlmFixture(), name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"vqgan-janus", "vqgan-chameleon-encoder"})
    void imageTokenizersComputeWhatTheReferenceDoes(String name) {
        agrees(new VqganFixture(), name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"wav2vec2-base", "wav2vec2-large", "wav2vec2-mean"})
    void speechEncodersComputeWhatTheReferenceDoes(String name) {
        agrees(new SpeechFixture(), name);
    }

    private static void agrees(FixtureModel model, String name) {
        try (var _ = TensorScope.open()) {
            var fixture = Fixture.read(GOLDENS.resolve(name));
            assertThat(model.runs(fixture)).isTrue();
            assertThat(new CausalLmFixture().runs(fixture)).isFalse();
            assertThat(fixture.compare(model.run(fixture)))
                    .isNotEmpty()
                    .allMatch(FixtureRow::passed, "agrees with the reference");
        }
    }
}
