package dev.orrery.lm.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.lm.PublicConfig;
import dev.orrery.nn.Rotary;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/// What published configurations leave unsaid.
class DecoderFamilyTest {

    private static final String SIZES =
            "\"vocab_size\":64,\"hidden_size\":32,\"intermediate_size\":48,\"num_attention_heads\":4,\"num_hidden_layers\":2";

    /// The whole `text_config` of the four billion parameters.
    @Test
    void gemma3SaysLittle() {
        var config =
                read(
                        """
                        {"model_type": "gemma3_text", "hidden_size": 2560, "intermediate_size": 10240,
                         "num_hidden_layers": 34, "sliding_window": 1024,
                         "rope_scaling": {"factor": 8.0, "rope_type": "linear"}}
                        """);
        assertThat(config.vocabulary()).isEqualTo(262_208);
        assertThat(config.heads().count()).isEqualTo(8);
        assertThat(config.heads().keyValue()).isEqualTo(4);
        assertThat(config.tied()).isTrue();
        var layers = config.positions().layers();
        assertThat(layers.get(5))
                .isEqualTo(
                        new DecoderConfig.Positions.Layer(
                                new Rotary(
                                        256,
                                        1e6,
                                        Rotary.Layout.HALVES,
                                        new Rotary.Scaling.Linear(8)),
                                0));
        assertThat(layers.get(4))
                .isEqualTo(new DecoderConfig.Positions.Layer(Rotary.halves(256, 1e4), 1024));
    }

    @Test
    void gemma2CapsUnlessItSaysThatItDoesNot() {
        var unsaid = read("{\"model_type\":\"gemma2\",%s}".formatted(SIZES));
        assertThat(unsaid.heads().cap()).isEqualTo(50);
        assertThat(unsaid.style().logitCap()).isEqualTo(30);
        var none =
                read(
                        "{\"model_type\":\"gemma2\",%s,\"attn_logit_softcapping\":null,\"final_logit_softcapping\":null}"
                                .formatted(SIZES));
        assertThat(none.heads().cap()).isZero();
        assertThat(none.style().logitCap()).isZero();
    }

    @Test
    void gemmaPadsWithTokenZeroUnlessItSaysOtherwise() {
        var gemma = "{\"model_type\":\"gemma\",\"num_key_value_heads\":2,%s%s}";
        assertThat(read(gemma.formatted(SIZES, "")).padding()).hasValue(0);
        assertThat(read(gemma.formatted(SIZES, ",\"pad_token_id\":3")).padding()).hasValue(3);
        assertThat(read(gemma.formatted(SIZES, ",\"pad_token_id\":null")).padding()).isEmpty();
        assertThat(read("{\"model_type\":\"llama\",%s}".formatted(SIZES)).padding()).isEmpty();
    }

    @Test
    void mistralHasAWindowUnlessItSaysThatItHasNone() {
        var unsaid = read("{\"model_type\":\"mistral\",%s}".formatted(SIZES.replace("4,", "8,")));
        assertThat(unsaid.positions().layers().getFirst().window()).isEqualTo(4096);
        assertThat(unsaid.heads().keyValue()).isEqualTo(8);
        var none =
                read(
                        "{\"model_type\":\"mistral\",%s,\"sliding_window\":null,\"num_key_value_heads\":2}"
                                .formatted(SIZES));
        assertThat(none.positions().layers().getFirst().window()).isZero();
    }

    @Test
    void aGemma3ThatSeesWhatComesIsRefused() {
        assertThatThrownBy(() ->
                        read(
                                "{\"model_type\":\"gemma3_text\",%s,\"use_bidirectional_attention\":true}"
                                        .formatted(SIZES)))
                .hasMessageContaining("use_bidirectional_attention");
    }

    private static DecoderConfig read(String json) {
        var node = JsonMapper.builder().build().readTree(json);
        return DecoderFamily.read(new PublicConfig(Path.of("config.json"), node));
    }
}
