package dev.orrery.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.checkpoint.Safetensors;
import dev.orrery.env.Image;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PictureTest {

    @ParameterizedTest
    @CsvSource({"0, 24, 24", "0, 32, 48", "1, 24, 24", "1, 32, 48"})
    void resizesAndPadsAsTheReference(int number, int height, int width) throws Exception {
        var folder = Path.of(getClass().getResource("/goldens/image-resize").toURI());
        try (var _ = TensorScope.open()) {
            var input =
                    Safetensors.read(folder.resolve("inputs.safetensors")).get("image." + number);
            var image = new Image((int) input.size(0), (int) input.size(1), input.toBytes());
            var expected = Safetensors.read(folder.resolve("expected.safetensors"));
            var size = "%d.%dx%d".formatted(number, height, width);
            var centred = Picture.resizeWithPad(image, height, width, 0);
            var late = Picture.resizeWithPadAtEnd(image, height, width, -1);
            close(centred, expected.get("lerobot.resize_with_pad_centered." + size).toFloats());
            close(late, expected.get("lerobot.resize_with_pad_topleft." + size).toFloats());
        }
    }

    @Test
    void aPlaceBetweenPixelsIsRoundedOnceAsTorchDoes() {
        // alternating black and white pixels show the error of a place as it is; torch 2.13 says
        // .46186447 here, and .46186829 is what rounding a place twice makes
        var rgb = new byte[127 * 3];
        for (int i = 0; i < rgb.length; i++) rgb[i] = (byte) (i / 3 % 2 * 255);
        var planes = Picture.resizeWithPad(new Image(1, 127, rgb), 1, 118, 0);
        assertThat(planes[59]).isCloseTo(0.46186447f, within(5e-7f));
    }

    private static void close(float[] got, float[] wanted) {
        assertThat(got).hasSameSizeAs(wanted);
        for (int i = 0; i < got.length; i++) {
            assertThat(Math.abs(got[i] - wanted[i]))
                    .as("element %d: %s for %s", i, got[i], wanted[i])
                    .isLessThanOrEqualTo(2e-6f + 1e-5f * Math.abs(wanted[i]));
        }
    }
}
