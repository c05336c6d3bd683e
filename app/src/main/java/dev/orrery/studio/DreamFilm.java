package dev.orrery.studio;

import dev.orrery.data.DatasetException;
import dev.orrery.data.media.VideoEncoding;
import dev.orrery.data.media.VideoWriter;
import dev.orrery.env.Film;
import dev.orrery.env.Image;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/// A dream as a moving picture, at the pace at which it was played.
final class DreamFilm {

    private static final int FRAMES_PER_SECOND = 10, GAP = 4, SIDE = 256;

    private DreamFilm() {}

    /// The picture of a frame, with the world itself to its right if that is wanted and known.
    static Image picture(DreamRoom.Shown shown, boolean beside) {
        return shown.truth()
                .filter(_ -> beside)
                .map(world -> pair(shown.picture(), world, 0))
                .orElse(shown.picture());
    }

    static byte[] gif(List<DreamRoom.Shown> film, boolean beside) throws IOException {
        var out = new ByteArrayOutputStream();
        Film.gif(out, pictures(film, beside), 1000 / FRAMES_PER_SECOND);
        return out.toByteArray();
    }

    /// @throws Refusal if there is no FFmpeg here
    static byte[] mp4(List<DreamRoom.Shown> film, boolean beside) throws IOException {
        var pictures = pictures(film, beside);
        var first = pictures.getFirst();
        var file = Files.createTempFile("dream", ".mp4");
        try {
            try (var video =
                    VideoWriter.open(
                            file,
                            first.height(),
                            first.width(),
                            FRAMES_PER_SECOND,
                            VideoEncoding.h264())) {
                pictures.forEach(video::add);
            }
            return Files.readAllBytes(file);
        } catch (DatasetException e) {
            throw Refusal.missing("no MP4 can be made: %s; take the GIF".formatted(e.getMessage()));
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static List<Image> pictures(List<DreamRoom.Shown> film, boolean beside) {
        if (film.isEmpty()) {
            throw Refusal.wrong("nothing was dreamed yet; press a key first");
        }
        boolean both = beside && film.stream().allMatch(shown -> shown.truth().isPresent());
        return film.stream()
                .map(shown ->
                        both
                                ? pair(
                                        enlarged(shown.picture()),
                                        enlarged(shown.truth().orElseThrow()),
                                        GAP)
                                : enlarged(shown.picture()))
                .toList();
    }

    private static Image enlarged(Image image) {
        return Film.enlarged(image, Math.max(1, SIDE / Math.max(image.height(), image.width())));
    }

    private static Image pair(Image left, Image right, int gap) {
        int height = Math.max(left.height(), right.height());
        int width = left.width() + gap + right.width();
        var rgb = new byte[height * width * 3];
        paste(left, rgb, width, 0);
        paste(right, rgb, width, left.width() + gap);
        return new Image(height, width, rgb);
    }

    private static void paste(Image image, byte[] into, int width, int x) {
        int row = image.width() * 3;
        for (int y = 0; y < image.height(); y++) {
            System.arraycopy(image.rgb(), y * row, into, (y * width + x) * 3, row);
        }
    }
}
