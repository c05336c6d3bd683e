package dev.orrery.env;

import java.awt.image.BufferedImage;
import java.util.Arrays;

/// An RGB picture of bytes, rows from the top, three bytes a pixel.
///
/// @param height rows H
/// @param width columns W
/// @param rgb `H * W * 3` bytes, not copied
public record Image(int height, int width, byte[] rgb) {

    public Image {
        if (height < 1 || width < 1 || rgb.length != height * width * 3) {
            throw new IllegalArgumentException(
                    "image %d x %d needs %d bytes of RGB, got %d"
                            .formatted(height, width, height * width * 3, rgb.length));
        }
    }

    /// The red, green or blue value (channel 0, 1, 2) of one pixel, 0 to 255.
    public int at(int row, int column, int channel) {
        return rgb[(row * width + column) * 3 + channel] & 0xff;
    }

    /// A copy for the JDK's imaging classes.
    public BufferedImage toBufferedImage() {
        var picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        var row = new int[width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                row[x] = at(y, x, 0) << 16 | at(y, x, 1) << 8 | at(y, x, 2);
            }
            picture.setRGB(0, y, width, 1, row, 0, width);
        }
        return picture;
    }

    /// An image from any of the JDK's pictures; transparency is dropped.
    public static Image of(BufferedImage picture) {
        int height = picture.getHeight(), width = picture.getWidth();
        var pixels = picture.getRGB(0, 0, width, height, null, 0, width);
        var rgb = new byte[height * width * 3];
        for (int i = 0; i < pixels.length; i++) {
            rgb[3 * i] = (byte) (pixels[i] >> 16);
            rgb[3 * i + 1] = (byte) (pixels[i] >> 8);
            rgb[3 * i + 2] = (byte) pixels[i];
        }
        return new Image(height, width, rgb);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Image(int h, int w, byte[] bytes)
                && h == height
                && w == width
                && Arrays.equals(bytes, rgb);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * height + width) + Arrays.hashCode(rgb);
    }

    @Override
    public String toString() {
        return "Image[%d x %d]".formatted(height, width);
    }
}
