package dev.orrery.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

class FilmTest {

    @TempDir private Path folder;

    private static Image plain(int size, int value) {
        var rgb = new byte[size * size * 3];
        java.util.Arrays.fill(rgb, (byte) value);
        return new Image(size, size, rgb);
    }

    @Test
    void aGifHoldsEveryFrameAndItsTiming() throws IOException {
        var file = folder.resolve("new/film.gif");
        Film.gif(file, List.of(plain(8, 0), plain(8, 128), plain(8, 255)), 100);
        var reader = ImageIO.getImageReadersByFormatName("gif").next();
        try (var in = ImageIO.createImageInputStream(file.toFile())) {
            reader.setInput(in);
            assertThat(reader.getNumImages(true)).isEqualTo(3);
            assertThat(Image.of(reader.read(1)).at(3, 3, 0)).isBetween(126, 130);
            var root =
                    (javax.imageio.metadata.IIOMetadataNode)
                            reader.getImageMetadata(0).getAsTree("javax_imageio_gif_image_1.0");
            var control =
                    (org.w3c.dom.Element)
                            root.getElementsByTagName("GraphicControlExtension").item(0);
            assertThat(control.getAttribute("delayTime")).isEqualTo("10");
        }
    }

    @Test
    void aGifHoldsOnlyWhatIsNewAndStillGivesBackEveryPicture() throws IOException {
        var frames = new ArrayList<Image>();
        for (int k : new int[] {0, 0, 1, 2, 2, 2, 3}) {
            var picture = plain(40, 200);
            for (int i = 0; i < 9; i++) {
                picture.rgb()[3 * ((5 + i % 3) * 40 + 8 * k + i / 3)] = (byte) (20 * i);
            }
            frames.add(picture);
        }
        var file = folder.resolve("moving.gif");
        Film.gif(file, frames, 100);
        var reader = ImageIO.getImageReadersByFormatName("gif").next();
        try (var in = ImageIO.createImageInputStream(file.toFile())) {
            reader.setInput(in);
            assertThat(reader.getNumImages(true)).isEqualTo(4);
            var screen = new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB);
            int at = 0;
            for (int i = 0; i < 4; i++) {
                var root =
                        (Element)
                                reader.getImageMetadata(i).getAsTree("javax_imageio_gif_image_1.0");
                var place = (Element) root.getElementsByTagName("ImageDescriptor").item(0);
                var control =
                        (Element) root.getElementsByTagName("GraphicControlExtension").item(0);
                var part = reader.read(i);
                assertThat(part.getHeight()).isEqualTo(i == 0 ? 40 : 3);
                screen.createGraphics()
                        .drawImage(
                                part,
                                Integer.parseInt(place.getAttribute("imageLeftPosition")),
                                Integer.parseInt(place.getAttribute("imageTopPosition")),
                                null);
                int turns = Integer.parseInt(control.getAttribute("delayTime")) / 10;
                for (int turn = 0; turn < turns; turn++, at++) {
                    var want = frames.get(at).rgb();
                    var got = Image.of(screen).rgb();
                    for (int b = 0; b < want.length; b++) {
                        assertThat(got[b] & 0xff)
                                .as("picture %d, byte %d", at, b)
                                .isCloseTo(want[b] & 0xff, within(4));
                    }
                }
            }
            assertThat(at).isEqualTo(frames.size());
        }
    }

    @Test
    void manyColoursAreServedByFew() throws IOException {
        var rgb = new byte[64 * 64 * 3];
        for (int i = 0; i < 64 * 64; i++) {
            rgb[3 * i] = (byte) (4 * (i % 64));
            rgb[3 * i + 1] = (byte) (4 * (i / 64));
            rgb[3 * i + 2] = (byte) 90;
        }
        var file = folder.resolve("colours.gif");
        Film.gif(file, List.of(new Image(64, 64, rgb)), 100);
        var got = Image.of(ImageIO.read(file.toFile()));
        for (int i = 0; i < 64 * 64; i++) {
            assertThat(got.at(i / 64, i % 64, 0)).isCloseTo(4 * (i % 64), within(16));
            assertThat(got.at(i / 64, i % 64, 1)).isCloseTo(4 * (i / 64), within(16));
        }
    }

    @Test
    void aPngGivesBackTheSamePixels() throws IOException {
        var file = folder.resolve("one.png");
        var image = plain(5, 77);
        Film.png(file, image);
        assertThat(Image.of(ImageIO.read(file.toFile()))).isEqualTo(image);
    }

    @Test
    void aSheetHasRoomForEveryPicture() {
        var sheet = Film.sheet(List.of(plain(8, 0), plain(8, 0), plain(8, 0)), 2);
        assertThat(sheet.width()).isEqualTo(2 * 12 + 4);
        assertThat(sheet.height()).isEqualTo(2 * 12 + 4);
        assertThat(sheet.at(12 + 4 + 1, 4 + 1, 0)).isZero();
        assertThat(sheet.at(12 + 4 + 1, 12 + 4 + 1, 0)).isEqualTo(255);
    }

    @Test
    void aCaptionStandsUnderThePictureAndLeavesItAlone() {
        var image = plain(128, 77);
        var captioned =
                Film.captioned(image, "put the red star in the tray, then press the button");
        assertThat(captioned.width()).isEqualTo(128);
        assertThat(captioned.height()).isGreaterThan(128);
        assertThat(captioned.at(127, 127, 0)).isEqualTo(77);
        int dark = 0;
        for (int row = 128; row < captioned.height(); row++) {
            assertThat(captioned.at(row, 0, 0)).isEqualTo(255);
            for (int column = 0; column < 128; column++) {
                dark += captioned.at(row, column, 0) < 128 ? 1 : 0;
            }
        }
        assertThat(dark).isGreaterThan(20);
    }

    @Test
    void nothingAndUnequalSizesAreRefused() {
        assertThatThrownBy(() -> Film.gif(folder.resolve("a.gif"), List.of(), 100))
                .hasMessageContaining("no picture");
        assertThatThrownBy(() -> Film.sheet(List.of(plain(4, 0), plain(5, 0)), 2))
                .hasMessageContaining("do not fit");
    }
}
