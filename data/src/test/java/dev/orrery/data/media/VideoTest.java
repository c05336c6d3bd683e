package dev.orrery.data.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.data.DatasetException;
import dev.orrery.env.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VideoTest {

    @TempDir Path folder;

    /// A smooth picture that moves by one pixel a frame.
    static Image scene(int t, int height, int width) {
        var rgb = new byte[height * width * 3];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int at = (y * width + x) * 3;
                rgb[at] = (byte) (128 + 80 * Math.sin((x + t) * 0.1));
                rgb[at + 1] = (byte) (128 + 80 * Math.cos(y * 0.1));
                rgb[at + 2] = (byte) (100 + t);
            }
        }
        return new Image(height, width, rgb);
    }

    static double psnr(Image a, Image b) {
        double sum = 0;
        for (int i = 0; i < a.rgb().length; i++) {
            double d = (a.rgb()[i] & 0xff) - (b.rgb()[i] & 0xff);
            sum += d * d;
        }
        return 10 * Math.log10(255 * 255 / (sum / a.rgb().length));
    }

    private Path write(String name, VideoEncoding encoding, int from, int to) {
        var path = folder.resolve(name);
        try (var writer = VideoWriter.open(path, 64, 96, 10, encoding)) {
            for (int t = from; t < to; t++) writer.add(scene(t, 64, 96));
        }
        return path;
    }

    @ParameterizedTest
    @EnumSource
    void framesComeBackInAnyOrder(VideoEncoding.Codec codec) {
        var encoding = new VideoEncoding(codec, codec == VideoEncoding.Codec.AV1 ? 30 : 23, 2, 12);
        try (var video = VideoFile.open(write("v.mp4", encoding, 0, 23))) {
            assertThat(video.frames()).isEqualTo(23);
            assertThat(video.fps()).isEqualTo(10);
            assertThat(video.codecName()).isEqualTo(codec.label());
            for (int t : new int[] {0, 1, 2, 22, 7, 8, 3, 21, 0}) {
                assertThat(psnr(video.frame(t), scene(t, 64, 96)))
                        .as("%s frame %d", codec, t)
                        .isGreaterThan(35);
                assertThat(video.frameAt(t / 10.0, 1e-4)).isEqualTo(t);
            }
            assertThatThrownBy(() -> video.frameAt(2.35, 1e-4))
                    .isInstanceOf(DatasetException.class)
                    .hasMessageContaining("nearest of 23");
            assertThatThrownBy(() -> video.frame(23)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void piecesAreJoinedWithoutAnotherLoss(VideoEncoding.Codec codec) {
        var encoding = new VideoEncoding(codec, codec == VideoEncoding.Codec.AV1 ? 30 : 23, 2, 12);
        var a = write("a.mp4", encoding, 0, 7);
        var b = write("b.mp4", encoding, 40, 52);
        var joined = folder.resolve("joined.mp4");
        VideoCopy.join(
                List.of(
                        new VideoCopy.Piece(a, 0, 7),
                        new VideoCopy.Piece(b, 0, 12),
                        new VideoCopy.Piece(a, 0, 7)),
                joined,
                10);
        var cut = folder.resolve("cut.mp4");
        VideoCopy.join(List.of(new VideoCopy.Piece(joined, 7, 19)), cut, 10);
        try (var first = VideoFile.open(a);
                var second = VideoFile.open(b);
                var all = VideoFile.open(joined);
                var part = VideoFile.open(cut)) {
            assertThat(all.frames()).isEqualTo(26);
            assertThat(part.frames()).isEqualTo(12);
            for (int t = 0; t < 7; t++)
                assertThat(all.frame(t)).isEqualTo(first.frame(t)).isEqualTo(all.frame(19 + t));
            for (int t = 0; t < 12; t++) {
                assertThat(all.frame(7 + t)).isEqualTo(second.frame(t)).isEqualTo(part.frame(t));
                assertThat(all.frameAt((7 + t) / 10.0, 1e-4)).isEqualTo(7 + t);
            }
        }
    }

    @Test
    void aPieceThatBeginsBetweenKeyFramesIsRefused() {
        var a = write("a.mp4", new VideoEncoding(VideoEncoding.Codec.AV1, 30, 4, 12), 0, 8);
        assertThat(VideoCopy.canCopy(new VideoCopy.Piece(a, 1, 8))).isFalse();
        assertThatThrownBy(() ->
                        VideoCopy.join(
                                List.of(new VideoCopy.Piece(a, 1, 8)), folder.resolve("x.mp4"), 10))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("no key frame");
        assertThat(folder.resolve("x.mp4")).doesNotExist();
    }

    @Test
    void filesThatAreNoVideosAreNamed() throws IOException {
        var file = Files.writeString(folder.resolve("text.mp4"), "no video at all");
        assertThatThrownBy(() -> VideoFile.open(file))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("text.mp4");
        assertThatThrownBy(() -> VideoFile.open(folder.resolve("none.mp4")))
                .hasMessageContaining("there is no such video");
        assertThatThrownBy(() ->
                        VideoWriter.open(
                                folder.resolve("odd.mp4"), 63, 64, 10, VideoEncoding.av1()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("even");
    }

    @Test
    @Timeout(60)
    void framesOnWhichTheEncoderWouldHangAreRefused() {
        var file = folder.resolve("narrow.mp4");
        for (int width : new int[] {16, 24}) {
            assertThatThrownBy(() -> VideoWriter.open(file, 64, width, 10, VideoEncoding.av1()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("64 x " + width)
                    .hasMessageContaining("below a width of 32; use h264");
        }
        assertThat(file).doesNotExist();
        for (var encoding : List.of(VideoEncoding.av1(), VideoEncoding.h264())) {
            int width = encoding.codec() == VideoEncoding.Codec.AV1 ? 32 : 16;
            try (var video = VideoWriter.open(file, 16, width, 10, encoding)) {
                video.add(new Image(16, width, new byte[16 * width * 3]));
                video.add(new Image(16, width, new byte[16 * width * 3]));
            }
            try (var read = VideoFile.open(file)) {
                assertThat(read.width()).isEqualTo(width);
            }
        }
    }

    @Test
    void whatFfmpegSaysEndsWhereItEnds() throws java.io.IOException {
        var file = folder.resolve("no.mp4");
        java.nio.file.Files.write(file, new byte[5000]);
        assertThatThrownBy(() -> VideoFile.open(file))
                .isInstanceOf(DatasetException.class)
                .hasMessageMatching(".*no\\.mp4: opening the video failed: [A-Za-z ]+");
    }
}
