package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.serve.Jitter;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JitterFigureTest {

    @Test
    void latenessIsDrawnAsBars(@TempDir Path folder) throws IOException {
        var few = folder.resolve("figures/few.png");
        JitterFigure.write(new Jitter(new double[] {.05, .15, .15, .3, 500}), 50, few);
        var picture = ImageIO.read(few.toFile());
        assertThat(picture.getWidth()).isEqualTo(720);
        int coloured = 0;
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                int rgb = picture.getRGB(x, y), red = rgb >> 16 & 255, blue = rgb & 255;
                coloured += Math.abs(red - blue) > 60 ? 1 : 0;
            }
        }
        assertThat(coloured).as("pixels of bars").isGreaterThan(2000);
    }
}
