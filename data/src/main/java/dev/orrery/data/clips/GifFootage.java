package dev.orrery.data.clips;

import dev.orrery.data.DatasetException;
import dev.orrery.env.Image;
import java.awt.AlphaComposite;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;

/// An animated GIF as it is seen: pictures laid over each other as their disposal says, over black.
///
/// Source: GIF89a specification. Delays below 20 ms count as 100 ms, as browsers have it.
final class GifFootage implements Footage {

    private static final long LARGEST = 1L << 29, MOST_PIXELS = 1L << 24;
    private static final int BACKGROUND = 2, PREVIOUS = 3;

    /// A picture's place, how it leaves, and how long it stays in hundredths of a second.
    private record Part(int left, int top, int width, int height, int disposal, int delay) {}

    private final Path path;
    private final int height, width;
    private final List<Part> parts;
    private final int unit;
    private final double[] ends;
    private final boolean cutOff;
    private final ImageReader reader;
    private BufferedImage canvas;
    private int next;

    private GifFootage(Path path, byte[] bytes, Parser parser) throws IOException {
        this.path = path;
        height = parser.height;
        width = parser.width;
        parts = parser.parts;
        cutOff = parser.cutOff;
        unit = parts.stream().mapToInt(Part::delay).min().orElseThrow();
        ends = new double[parts.size()];
        double time = 0;
        for (int i = 0; i < ends.length; i++) ends[i] = time += parts.get(i).delay / 100.0;
        reader = ImageIO.getImageReadersByFormatName("gif").next();
        reader.setInput(
                ImageIO.createImageInputStream(new ByteArrayInputStream(bytes)), true, true);
        canvas = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    }

    static GifFootage open(Path path) {
        try {
            if (Files.size(path) > LARGEST) {
                throw DatasetException.at(path, "is larger than 512 MB; make it a video");
            }
            var bytes = Files.readAllBytes(path);
            return new GifFootage(path, bytes, new Parser(path, bytes));
        } catch (IOException e) {
            throw DatasetException.at(path, "cannot be read", e);
        }
    }

    /// Reads everything but the pixels.
    private static final class Parser {
        private final ByteBuffer in;
        private final List<Part> parts = new ArrayList<>();
        private final int width, height;
        private boolean cutOff;
        private int disposal, delay = 10;

        Parser(Path path, byte[] bytes) {
            in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            if (bytes.length < 13 || bytes[0] != 'G' || bytes[1] != 'I' || bytes[2] != 'F') {
                throw DatasetException.at(path, "is no GIF");
            }
            width = in.getShort(6) & 0xffff;
            height = in.getShort(8) & 0xffff;
            if (width < 1 || height < 1 || (long) width * height > MOST_PIXELS) {
                throw DatasetException.at(path, "claims %d x %d pixels".formatted(height, width));
            }
            in.position(13);
            try {
                table(in.get(10));
                while (block()) {}
            } catch (java.nio.BufferUnderflowException _) {
                cutOff = true;
            }
            if (parts.isEmpty()) throw DatasetException.at(path, "has no pictures");
        }

        private void table(int flags) {
            if ((flags & 0x80) != 0) skip(3 << (flags & 7) + 1);
        }

        private void skip(int count) {
            if (count > in.remaining()) throw new java.nio.BufferUnderflowException();
            in.position(in.position() + count);
        }

        private void chain() {
            for (int n = in.get() & 0xff; n > 0; n = in.get() & 0xff) skip(n);
        }

        /// @return false at the end
        private boolean block() {
            switch (in.get() & 0xff) {
                case 0x21 -> extension();
                case 0x2c -> picture();
                case 0x3b -> {
                    return false;
                }
                default -> throw new java.nio.BufferUnderflowException();
            }
            return true;
        }

        private void extension() {
            if ((in.get() & 0xff) == 0xf9 && in.remaining() >= 5 && in.get(in.position()) == 4) {
                int at = in.position();
                disposal = in.get(at + 1) >> 2 & 7;
                int said = in.getShort(at + 2) & 0xffff;
                delay = said < 2 ? 10 : said;
            }
            chain();
        }

        private void picture() {
            int left = in.getShort() & 0xffff, top = in.getShort() & 0xffff;
            int w = in.getShort() & 0xffff, h = in.getShort() & 0xffff;
            table(in.get());
            in.get();
            chain();
            if (w < 1 || h < 1 || left + w > width || top + h > height) {
                throw new java.nio.BufferUnderflowException();
            }
            parts.add(new Part(left, top, w, h, disposal, delay));
            disposal = 0;
            delay = 10;
        }
    }

    @Override
    public int height() {
        return height;
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public int frames() {
        return parts.size();
    }

    /// The rate at which no picture is shorter than a frame.
    @Override
    public double fps() {
        return 100.0 / unit;
    }

    @Override
    public double end(int number) {
        return ends[number];
    }

    @Override
    public String problem() {
        return cutOff
                ? "is cut off or damaged after %d pictures, which are kept".formatted(parts.size())
                : "";
    }

    @Override
    public Image frame(int number) {
        if (number < next - 1) throw new IllegalArgumentException("a GIF is read forward");
        BufferedImage shown = canvas;
        while (next <= number) shown = add(parts.get(next), next++);
        var black = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        var pen = black.createGraphics();
        pen.drawImage(shown, 0, 0, null);
        pen.dispose();
        return Image.of(black);
    }

    /// Lays a picture over the canvas and then disposes of it.
    ///
    /// @return what is seen before it is disposed of
    private BufferedImage add(Part part, int number) {
        BufferedImage picture;
        try {
            picture = reader.read(number);
        } catch (IOException | RuntimeException e) {
            throw DatasetException.at(path, "picture %d is damaged".formatted(number), e);
        }
        var before = canvas;
        var shown = copy(canvas);
        var pen = shown.createGraphics();
        pen.drawImage(picture, part.left, part.top, null);
        pen.dispose();
        canvas =
                switch (part.disposal) {
                    case PREVIOUS -> before;
                    case BACKGROUND -> cleared(shown, part);
                    default -> shown;
                };
        return shown;
    }

    private static BufferedImage cleared(BufferedImage shown, Part part) {
        var clear = copy(shown);
        var pen = clear.createGraphics();
        pen.setComposite(AlphaComposite.Clear);
        pen.fillRect(part.left, part.top, part.width, part.height);
        pen.dispose();
        return clear;
    }

    private static BufferedImage copy(BufferedImage picture) {
        var copy =
                new BufferedImage(
                        picture.getWidth(), picture.getHeight(), BufferedImage.TYPE_INT_ARGB);
        copy.setData(picture.getRaster());
        return copy;
    }

    @Override
    public void close() {
        reader.dispose();
    }
}
