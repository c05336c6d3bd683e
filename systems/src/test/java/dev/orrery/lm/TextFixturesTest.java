package dev.orrery.lm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureModel;
import dev.orrery.checkpoint.FixtureRow;
import dev.orrery.lm.decoder.CausalLmFixture;
import dev.orrery.lm.encoder.EncoderFixture;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Numbers of the reference implementation: outputs, intermediates, gradients, greedy decoding.
class TextFixturesTest {

    private static final Path GOLDENS = Path.of("src/test/resources/goldens");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama-gqa",
                "llama3-rope",
                "llama-yarn",
                "llama-yarn-fractions",
                "llama-longrope",
                "mistral",
                "qwen2",
                "qwen3",
                "gemma",
                "gemma2",
                "gemma2-unsaid",
                "gemma3",
                "gemma3-capped"
            })
    void decodersComputeWhatTheReferenceDoes(String name) {
        agrees(new CausalLmFixture(), name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "t5-encoder",
                "t5v11-encoder",
                "umt5-encoder",
                "xlm-roberta",
                "xlm-roberta-untied",
                "xlm-roberta-encoder"
            })
    void encodersComputeWhatTheReferenceDoes(String name) {
        agrees(new EncoderFixture(), name);
    }

    private static void agrees(FixtureModel model, String name) {
        try (var _ = TensorScope.open()) {
            var fixture = Fixture.read(GOLDENS.resolve(name));
            assertThat(model.runs(fixture)).isTrue();
            assertThat(fixture.compare(model.run(fixture)))
                    .isNotEmpty()
                    .allMatch(FixtureRow::passed, "agrees with the reference");
        }
    }
}
