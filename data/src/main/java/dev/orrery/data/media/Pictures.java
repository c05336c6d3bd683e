package dev.orrery.data.media;

import dev.orrery.data.DatasetException;
import dev.orrery.env.Image;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;

/// Decodes pictures of any format that the JDK knows.
public final class Pictures {

    private static final long MOST_PIXELS = 1L << 26;

    static {
        ImageIO.setUseCache(false);
    }

    private Pictures() {}

    /// Decodes the bytes of a picture file to RGB; transparency is dropped.
    ///
    /// @throws DatasetException if they are damaged, larger than 64 megapixels, or of an unknown
    ///   format
    public static Image decode(byte[] bytes) {
        return Png.decode(bytes).orElseGet(() -> any(bytes));
    }

    private static Image any(byte[] bytes) {
        try (var in = ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
            var readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new DatasetException(
                        "%d bytes are no PNG, JPEG, GIF or BMP picture".formatted(bytes.length));
            }
            var reader = readers.next();
            try {
                reader.setInput(in, true, true);
                return read(reader, bytes.length);
            } finally {
                reader.dispose();
            }
        } catch (IOException | RuntimeException e) {
            if (e instanceof DatasetException known) throw known;
            throw new DatasetException("a picture is damaged (%s)".formatted(e.getMessage()), e);
        }
    }

    private static Image read(ImageReader reader, int size) throws IOException {
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        if (pixels > MOST_PIXELS || pixels > 4_000_000 && pixels > 2000L * size) {
            throw new DatasetException(
                    "a picture of %d bytes claims %d x %d pixels"
                            .formatted(size, reader.getHeight(0), reader.getWidth(0)));
        }
        return Image.of(reader.read(0));
    }
}
