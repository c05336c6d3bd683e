package dev.orrery.data.grounding;

import java.util.Arrays;

/// What the coordinates of a picture's points and boxes are counted in. Data never says, and the
/// wrong guess is only seen in what a model learns, so it has to be named.
public enum BoxConvention {
    /// Pixels of the picture as it is stored, as Qwen2.5-VL has them.
    PIXELS,
    /// Thousandths of width and height, as Qwen-VL and many others have them.
    PER_MILLE,
    /// Parts of width and height.
    UNIT;

    private static final double EDGE = 1e-6;

    /// A box.
    ///
    /// @param edges left, top, right, bottom
    /// @param width of the picture, in pixels
    /// @param height of the picture, in pixels
    /// @throws IllegalArgumentException if there are not four, one lies outside the picture, the
    ///   box is reversed or empty, or all of it lies within the first pixel or thousandth, which is
    ///   how [#UNIT] looks under another name
    public Box box(double[] edges, int width, int height) {
        if (edges.length != 4) {
            throw new IllegalArgumentException(
                    "a box of %d numbers; give left, top, right and bottom"
                            .formatted(edges.length));
        }
        check("box", edges, width, height);
        if (edges[2] <= edges[0] || edges[3] <= edges[1]) {
            throw new IllegalArgumentException(
                    "box %s is reversed or empty: its right %s must lie beyond its left %s, its bottom %s below its top %s"
                            .formatted(
                                    Arrays.toString(edges),
                                    edges[2],
                                    edges[0],
                                    edges[3],
                                    edges[1]));
        }
        double wide = whole(width), high = whole(height);
        return new Box(edges[0] / wide, edges[1] / high, edges[2] / wide, edges[3] / high);
    }

    /// A point.
    ///
    /// @param place x and y
    /// @throws IllegalArgumentException if there are not two, or one lies outside the picture
    public Point point(double[] place, int width, int height) {
        if (place.length != 2) {
            throw new IllegalArgumentException(
                    "a point of %d numbers; give x and y".formatted(place.length));
        }
        check("point", place, width, height);
        return new Point(place[0] / whole(width), place[1] / whole(height));
    }

    private void check(String what, double[] numbers, int width, int height) {
        for (int i = 0; i < numbers.length; i++) {
            double most = whole(i % 2 == 0 ? width : height);
            if (!(numbers[i] >= 0 && numbers[i] <= most + EDGE)) {
                throw new IllegalArgumentException(
                        "%s %s leaves the picture: %s is not from 0 to %s (%s, picture %d x %d); is it another convention?"
                                .formatted(
                                        what,
                                        Arrays.toString(numbers),
                                        numbers[i],
                                        most,
                                        this,
                                        width,
                                        height));
            }
        }
        boolean tiny = Arrays.stream(numbers).allMatch(n -> n <= 1);
        boolean fractions = Arrays.stream(numbers).anyMatch(n -> n != Math.rint(n));
        if (this != UNIT && tiny && fractions) {
            throw new IllegalArgumentException(
                    "%s %s lies within the first unit of %s; its numbers look like UNIT"
                            .formatted(what, Arrays.toString(numbers), this));
        }
    }

    /// The largest coordinate along a side.
    private double whole(int pixels) {
        return switch (this) {
            case PIXELS -> pixels;
            case PER_MILLE -> 1000;
            case UNIT -> 1;
        };
    }

    /// Numbers of this convention for a picture of another size.
    double number(double part, int pixels) {
        double value = part * whole(pixels);
        return this == UNIT ? value : Math.rint(value);
    }

    /// A box by parts of width and height, whatever size the picture has.
    public record Box(double left, double top, double right, double bottom) {

        /// Left, top, right and bottom in a convention, whole numbers but for [#UNIT].
        ///
        /// @param width of the picture, in pixels
        public double[] in(BoxConvention convention, int width, int height) {
            return new double[] {
                convention.number(left, width),
                convention.number(top, height),
                convention.number(right, width),
                convention.number(bottom, height)
            };
        }
    }

    /// A point by parts of width and height.
    public record Point(double x, double y) {

        /// x and y in a convention, whole numbers but for [#UNIT].
        public double[] in(BoxConvention convention, int width, int height) {
            return new double[] {convention.number(x, width), convention.number(y, height)};
        }
    }
}
