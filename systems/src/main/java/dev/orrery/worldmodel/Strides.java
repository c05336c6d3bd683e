package dev.orrery.worldmodel;

/// The sizes of the image codecs of the 2023 form, [StrideEncoder] and [StrideDecoder].
///
/// @param channels of an image, 3 for colours
/// @param pixels image height and width P, `least` times a power of two
/// @param least height and width where halving ends
/// @param depth channels of the layer next to the image; they double with every halving
public record Strides(int channels, int pixels, int least, int depth) {

    /// Where the published code ends halving.
    static final int LEAST = 4;

    public Strides {
        int halvings = Integer.numberOfTrailingZeros(Math.max(1, pixels / least));
        if (halvings == 0 || least << halvings != pixels)
            throw new IllegalArgumentException(
                    "images of %d pixels cannot be halved down to %d; use %d, %d, %d or %d"
                            .formatted(pixels, least, 2 * least, 4 * least, 8 * least, 16 * least));
    }

    /// Colour images, halved down to 4 × 4 pixels as in the published code.
    public static Strides of(int pixels, int depth) {
        return new Strides(3, pixels, LEAST, depth);
    }

    /// How often images are halved.
    int stages() {
        return Integer.numberOfTrailingZeros(pixels / least);
    }

    /// Numbers a halved image has, all channels together.
    long cells() {
        return ((long) depth << stages() - 1) * least * least;
    }
}
