package dev.orrery.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.lm.PublicConfig;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class Wav2Vec2ConfigTest {

    @Test
    void adaptersOfItsOwnAreSaidNotToBeSupported() {
        assertThat(read("\"add_adapter\": false, \"adapter_attn_dim\": null").vocabulary())
                .isEqualTo(32);
        assertThatThrownBy(() -> read("\"add_adapter\": true"))
                .hasMessage(
                        "config.json: 'add_adapter': is true, which Orrery does not support; open a model without it");
        assertThatThrownBy(() -> read("\"adapter_attn_dim\": 16"))
                .hasMessageContaining("'adapter_attn_dim': is 16, which Orrery does not support");
    }

    private static Wav2Vec2Config read(String more) {
        var json =
                """
                {"conv_dim": [8], "conv_kernel": [10], "conv_stride": [5], "hidden_size": 16,
                 "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32,
                 "vocab_size": 32, %s}
                """
                        .formatted(more);
        var node = JsonMapper.builder().build().readTree(json);
        return Wav2Vec2Config.read(new PublicConfig(Path.of("config.json"), node));
    }
}
