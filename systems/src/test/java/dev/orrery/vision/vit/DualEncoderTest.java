package dev.orrery.vision.vit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.lm.PublicConfig;
import dev.orrery.nn.Module;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class DualEncoderTest {

    /// The configuration that is published with the base size says no more than this.
    @Test
    void siglipsBaseSizeSaysNothing() {
        var config =
                read(
                        """
                        {"model_type": "siglip", "text_config": {"model_type": "siglip_text_model"},
                         "vision_config": {"model_type": "siglip_vision_model"}}
                        """);
        var model = Module.outline(DualEncoder.weights(config).build());
        assertThat(model.parameterCount()).isEqualTo(203_155_970);
    }

    @Test
    void clipEndsTextsWithItsOwnTokenUnlessItSaysTwo() {
        var kind = VisionTower.Kind.CLIP;
        assertThat(TextTower.Size.read(read("{}"), kind).end()).isEqualTo(49_407);
        assertThat(TextTower.Size.read(read("{\"eos_token_id\": 2}"), kind).end()).isEqualTo(2);
    }

    private static PublicConfig read(String json) {
        return new PublicConfig(
                Path.of("config.json"), JsonMapper.builder().build().readTree(json));
    }
}
