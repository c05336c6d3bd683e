package dev.orrery.env;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/// Writes pictures and moving pictures to files, with nothing but the JDK.
public final class Film {

    private Film() {}

    /// Writes one picture as PNG; the folder is made if need be.
    public static void png(Path file, Image image) throws IOException {
        png(file, image.toBufferedImage());
    }

    /// The same of a picture of the JDK's.
    public static void png(Path file, BufferedImage image) throws IOException {
        WholeFile.write(file, out -> ImageIO.write(image, "png", out));
    }

    /// Writes pictures of one size as an animated GIF that repeats for ever. It has at most 255
    /// colours, and holds of every picture only what is new in it.
    ///
    /// @param frameMillis how long each picture stays, in ms; GIF knows steps of 10
    /// @throws IllegalArgumentException without pictures, or if their sizes differ
    public static void gif(Path file, List<Image> frames, int frameMillis) throws IOException {
        sameSize(frames);
        WholeFile.write(file, out -> gif(out, frames, frameMillis));
    }

    /// The same, written to a stream that stays open.
    public static void gif(OutputStream out, List<Image> frames, int frameMillis)
            throws IOException {
        sameSize(frames);
        Gif.write(out, frames, frameMillis);
    }

    /// Lays pictures of one size out in rows, with a margin of four pixels between them.
    ///
    /// @throws IllegalArgumentException without pictures, or if their sizes differ
    public static Image sheet(List<Image> images, int columns) {
        sameSize(images);
        int gap = 4, height = images.getFirst().height(), width = images.getFirst().width();
        int rows = (images.size() + columns - 1) / columns;
        var all =
                new BufferedImage(
                        columns * (width + gap) + gap,
                        rows * (height + gap) + gap,
                        BufferedImage.TYPE_INT_RGB);
        var pen = all.createGraphics();
        pen.setColor(Color.WHITE);
        pen.fillRect(0, 0, all.getWidth(), all.getHeight());
        for (int k = 0; k < images.size(); k++) {
            int x = gap + k % columns * (width + gap), y = gap + k / columns * (height + gap);
            pen.drawImage(images.get(k).toBufferedImage(), x, y, null);
        }
        pen.dispose();
        return Image.of(all);
    }

    /// The picture with each pixel repeated.
    ///
    /// @param scale how often, across and down; 1 or more
    public static Image enlarged(Image image, int scale) {
        if (scale < 1) {
            throw new IllegalArgumentException("scale %d; choose 1 or more".formatted(scale));
        }
        int height = image.height() * scale, width = image.width() * scale;
        var rgb = new byte[height * width * 3];
        for (int i = 0; i < height * width; i++) {
            int from = i / width / scale * image.width() + i % width / scale;
            System.arraycopy(image.rgb(), 3 * from, rgb, 3 * i, 3);
        }
        return new Image(height, width, rgb);
    }

    /// The picture with a line of text under it, in a strip that is as high as the text needs.
    public static Image captioned(Image image, String text) {
        int strip = Math.max(16, image.width() / 9);
        var all =
                new BufferedImage(
                        image.width(), image.height() + strip, BufferedImage.TYPE_INT_RGB);
        var pen = all.createGraphics();
        pen.setRenderingHint(
                RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        pen.drawImage(image.toBufferedImage(), 0, 0, null);
        pen.setColor(Color.WHITE);
        pen.fillRect(0, image.height(), image.width(), strip);
        pen.setColor(Color.DARK_GRAY);
        pen.setFont(fitting(pen, text, image.width() - 8, strip / 2));
        var metrics = pen.getFontMetrics();
        pen.drawString(
                text,
                (image.width() - metrics.stringWidth(text)) / 2,
                image.height() + (strip + metrics.getAscent() - metrics.getDescent()) / 2);
        pen.dispose();
        return Image.of(all);
    }

    /// The largest font up to `size` in which the text is at most `width` wide.
    private static Font fitting(Graphics2D pen, String text, int width, int size) {
        var font = new Font(Font.SANS_SERIF, Font.PLAIN, size);
        while (font.getSize() > 6 && pen.getFontMetrics(font).stringWidth(text) > width) {
            font = font.deriveFont(font.getSize() - 1f);
        }
        return font;
    }

    private static void sameSize(List<Image> images) {
        if (images.isEmpty()) {
            throw new IllegalArgumentException("there is no picture to write");
        }
        var first = images.getFirst();
        for (var image : images) {
            if (image.height() != first.height() || image.width() != first.width()) {
                throw new IllegalArgumentException(
                        "pictures of %d x %d and %d x %d do not fit together"
                                .formatted(
                                        first.height(),
                                        first.width(),
                                        image.height(),
                                        image.width()));
            }
        }
    }
}
