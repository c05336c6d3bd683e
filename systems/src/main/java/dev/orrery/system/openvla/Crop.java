package dev.orrery.system.openvla;

import dev.orrery.env.Image;

/// A part of a picture that has 90 % of its area, resized to a square: anywhere in training, the
/// middle when it counts.
///
/// Each side is cut to √0.9. The grid of new pixels spans the corners of what is left, and colours
/// are mixed linearly, as `tf.image.crop_and_resize` does it.
///
/// Source: openvla/openvla, the evaluation on LIBERO, and its random crops in fine-tuning (a
/// `random_resized_crop` of scale 0.9 and ratio 1).
final class Crop {

    private static final double SIDE = Math.sqrt(0.9);

    private static final double MIDDLE = .5;

    private Crop() {}

    /// The middle.
    static Image centre(Image image, int side) {
        return of(image, side, MIDDLE, MIDDLE);
    }

    /// Any part.
    ///
    /// @param down where it lies: 0 at the top, 1 at the bottom
    /// @param across 0 at the left, 1 at the right
    static Image of(Image image, int side, double down, double across) {
        var rgb = new byte[3 * side * side];
        for (int y = 0; y < side; y++) {
            double row = place(y, side, image.height(), down);
            for (int x = 0; x < side; x++) {
                double column = place(x, side, image.width(), across);
                for (int c = 0; c < 3; c++) {
                    rgb[3 * (y * side + x) + c] = bytes(mix(image, row, column, c));
                }
            }
        }
        return new Image(side, side, rgb);
    }

    /// Rounded as the reference rounds: towards zero, the range from 0 to 1 being stretched to
    /// 255.5.
    private static byte bytes(double value) {
        return (byte) Math.min(255, (int) (value / 255 * 255.5));
    }

    /// Where in the old picture a new row or column comes from.
    private static double place(int i, int count, int length, double where) {
        double first = (1 - SIDE) * where * (length - 1), span = SIDE * (length - 1);
        return count > 1 ? first + i * span / (count - 1) : first + span / 2;
    }

    private static double mix(Image image, double row, double column, int channel) {
        int top = (int) row, left = (int) column;
        int below = Math.min(top + 1, image.height() - 1);
        int right = Math.min(left + 1, image.width() - 1);
        double v = row - top, u = column - left;
        double upper = image.at(top, left, channel) * (1 - u) + image.at(top, right, channel) * u;
        double lower =
                image.at(below, left, channel) * (1 - u) + image.at(below, right, channel) * u;
        return upper * (1 - v) + lower * v;
    }
}
