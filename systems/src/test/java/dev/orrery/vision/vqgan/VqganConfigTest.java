package dev.orrery.vision.vqgan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.lm.PublicConfig;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class VqganConfigTest {

    @Test
    void chameleonAttendsAtTheSidesThatItNames() {
        assertThat(read("[16, 4]").attention()).containsExactly(0, 2);
        assertThat(read("[8]").attention()).containsExactly(1);
        assertThat(read("[]").attention()).isEmpty();
    }

    @Test
    void whatIsNotBuiltIsSaidToBeOurs() {
        assertThatThrownBy(() -> read("[16], \"attn_type\": \"none\""))
                .hasMessage(
                        "config.json: 'attn_type': is 'none', which Orrery does not support; open a model without it");
        assertThatThrownBy(() -> read("[16], \"double_latent\": true"))
                .hasMessageContaining("'double_latent': is true, of an autoencoder, which Orrery");
    }

    private static VqganConfig read(String sides) {
        var json =
                """
                {"model_type": "chameleon_vqgan", "base_channels": 32, "channel_multiplier": [1, 1, 1],
                 "num_res_blocks": 1, "latent_channels": 32, "num_embeddings": 24, "embed_dim": 10,
                 "resolution": 16, "attn_resolutions": %s}
                """
                        .formatted(sides);
        var node = JsonMapper.builder().build().readTree(json);
        return VqganConfig.read(new PublicConfig(Path.of("config.json"), node));
    }
}
