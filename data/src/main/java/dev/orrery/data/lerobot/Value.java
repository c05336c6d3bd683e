package dev.orrery.data.lerobot;

import dev.orrery.env.Image;
import tools.jackson.databind.JsonNode;

/// What one feature is in one frame that is to be written.
///
/// Arrays hold the elements in row-major order and are copied when added.
public sealed interface Value {

    /// Floating-point elements.
    record Reals(double[] array) implements Value {}

    /// Integer or logical elements, logical ones as 0 and 1.
    record Integers(long[] array) implements Value {}

    /// A line of text.
    record Text(String text) implements Value {}

    /// A picture.
    record Picture(Image image) implements Value {}

    /// A picture that is encoded already, as PNG or JPEG.
    record Encoded(byte[] bytes) implements Value {}

    /// Language annotations: a list of records.
    record Records(JsonNode list) implements Value {}

    /// Floating-point elements.
    static Value of(float... array) {
        var out = new double[array.length];
        for (int i = 0; i < out.length; i++) out[i] = array[i];
        return new Reals(out);
    }

    /// Floating-point elements.
    static Value of(double... array) {
        return new Reals(array);
    }

    /// Integer elements.
    static Value of(long... array) {
        return new Integers(array);
    }

    /// One logical element.
    static Value of(boolean flag) {
        return new Integers(new long[] {flag ? 1 : 0});
    }

    /// A line of text.
    static Value of(String text) {
        return new Text(text);
    }

    /// A picture.
    static Value of(Image image) {
        return new Picture(image);
    }
}
