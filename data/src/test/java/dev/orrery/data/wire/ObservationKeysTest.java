package dev.orrery.data.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.wire.Value.Fields;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

class ObservationKeysTest {

    private static final ObservationKeys KEYS = ObservationKeys.openpi(List.of("top", "wrist"));

    private static Observation observation() {
        var images = new LinkedHashMap<String, Image>();
        images.put("top", new Image(1, 2, new byte[] {0, 51, 102, (byte) 153, (byte) 204, -1}));
        images.put("wrist", new Image(1, 1, new byte[] {1, 2, 3}));
        return new Observation(images, new float[] {.5f, 2}, "go");
    }

    private static Fields message() {
        return KEYS.write(observation());
    }

    @Test
    void observationsComeBackAsTheyWentOut() {
        var back = KEYS.read(message());
        assertThat(back.images()).isEqualTo(observation().images());
        assertThat(back.state()).containsExactly(.5f, 2);
        assertThat(back.text()).isEqualTo("go");
        assertThat(message().entries().keySet())
                .containsExactly(
                        "observation/image",
                        "observation/wrist_image",
                        "observation/state",
                        "prompt");
    }

    @Test
    void picturesMayBeFloatsInPlanesUnderTheNamesOfOthers() {
        var planes = new float[] {0, .6f, .2f, .8f, .4f, 1};
        var other =
                Fields.empty()
                        .with(
                                "images",
                                Fields.empty()
                                        .with("top", NdArray.of(planes, 3, 1, 2))
                                        .with("wrist", NdArray.of(new byte[] {1, 2, 3}, 1, 1, 3)))
                        .with("observation.state", NdArray.of(new float[] {.5f, 2}, 2))
                        .with("task", "go");
        assertThat(KEYS.read(other).images()).isEqualTo(observation().images());
    }

    @Test
    void whatIsMissingUnknownOrMalformedIsNamed() {
        assertThatThrownBy(() -> KEYS.read(Fields.empty()))
                .hasMessageContaining("camera top is missing")
                .hasMessageContaining("observation/image");
        assertThatThrownBy(() -> KEYS.read(message().with("observation/imgae", 1)))
                .hasMessageContaining("nobody reads [observation/imgae]");
        assertThatThrownBy(() -> KEYS.read(message().with("top", 1)))
                .hasMessageContaining("there twice");
        assertThatThrownBy(() ->
                        KEYS.read(
                                message().with("observation/image", NdArray.of(new byte[4], 2, 2))))
                .hasMessageContaining("(H, W, 3)");
        assertThatThrownBy(() ->
                        KEYS.read(
                                message()
                                        .with(
                                                "observation/image",
                                                NdArray.of(new float[] {0, 128, 0}, 1, 1, 3))))
                .hasMessageContaining("goes from 0 to 1");
        assertThatThrownBy(() ->
                        KEYS.read(
                                message()
                                        .with(
                                                "observation/state",
                                                NdArray.of(new float[] {Float.NaN}, 1))))
                .hasMessageContaining("not finite");
        assertThatThrownBy(() -> KEYS.read(message().with("prompt", 3)))
                .hasMessageContaining("an instruction is a text");
        assertThatThrownBy(() -> KEYS.with("botom", "x")).hasMessageContaining("[top, wrist]");
    }

    @Test
    void aRobotsOwnNameForACameraIsTaken() {
        var mine = KEYS.with("top", "cam_high");
        assertThat(mine.read(mine.write(observation())).images()).isEqualTo(observation().images());
        assertThat(mine.expected()).contains("cam_high");
    }
}
