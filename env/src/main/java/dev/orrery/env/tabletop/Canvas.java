package dev.orrery.env.tabletop;

/// A square picture that shapes are painted on, edges smoothed by 4 x 4 samples a pixel.
///
/// Colours are blended in whole numbers and positions use only the four rules of float arithmetic,
/// so pictures are equal bit for bit on every machine.
final class Canvas {

    enum Outline {
        SQUARE,
        DISC,
        STAR,
        WEDGE
    }

    private static final int SAMPLES = 4;

    private final byte[] rgb;
    private final int offset, size;

    /// @param rgb where `size * size * 3` bytes are written, rows from the top
    /// @param offset the first byte to write
    Canvas(byte[] rgb, int offset, int size) {
        this.rgb = rgb;
        this.offset = offset;
        this.size = size;
    }

    void fill(int colour) {
        byte r = (byte) (colour >> 16), g = (byte) (colour >> 8), b = (byte) colour;
        for (int i = offset, end = offset + 3 * size * size; i < end; i += 3) {
            rgb[i] = r;
            rgb[i + 1] = g;
            rgb[i + 2] = b;
        }
    }

    /// Paints an outline of half-sizes (halfWidth, halfHeight), turned by the angle whose cosine
    /// and sine are given; lengths in pixels.
    ///
    /// @param alpha 0 to 256
    void paint(
            Outline outline,
            float cx,
            float cy,
            float halfWidth,
            float halfHeight,
            float cos,
            float sin,
            int colour,
            int alpha) {
        float reach = outline == Outline.SQUARE ? halfWidth + halfHeight : 1.2f * halfWidth;
        int left = Math.max(0, (int) (cx - reach)), right = Math.min(size - 1, (int) (cx + reach));
        int top = Math.max(0, (int) (cy - reach)), bottom = Math.min(size - 1, (int) (cy + reach));
        float ux = cos / halfWidth, uy = -sin / halfWidth;
        float vx = sin / halfHeight, vy = cos / halfHeight;
        float inner = inner(outline), margin = .75f;
        float safe = inner * Math.min(halfWidth, halfHeight) - margin;
        for (int row = top; row <= bottom; row++) {
            for (int column = left; column <= right; column++) {
                float dx = column + .5f - cx, dy = cy - row - .5f;
                int hits;
                if (safe > 0 && dx * dx + dy * dy < safe * safe) {
                    hits = SAMPLES * SAMPLES;
                } else {
                    hits = 0;
                    for (int sy = 0; sy < SAMPLES; sy++) {
                        float y = dy + (1.5f - sy) / SAMPLES;
                        for (int sx = 0; sx < SAMPLES; sx++) {
                            float x = dx + (sx - 1.5f) / SAMPLES;
                            // the rotation is inverted: picture to outline
                            float u = ux * x - uy * y, v = vy * y - vx * x;
                            hits += inside(outline, u, v) ? 1 : 0;
                        }
                    }
                }
                if (hits > 0) {
                    blend(row * size + column, colour, hits * alpha);
                }
            }
        }
    }

    private void blend(int pixel, int colour, int weight) {
        int full = SAMPLES * SAMPLES * 256;
        int i = offset + 3 * pixel;
        for (int channel = 0; channel < 3; channel++) {
            int old = rgb[i + channel] & 0xff, wanted = colour >> (16 - 8 * channel) & 0xff;
            rgb[i + channel] = (byte) (old + ((wanted - old) * weight + full / 2) / full);
        }
    }

    /// The radius of a disc that lies inside the outline.
    private static float inner(Outline outline) {
        return switch (outline) {
            case SQUARE -> 1;
            case DISC -> 1;
            case STAR -> STAR_LINE;
            case WEDGE -> WEDGE_SIDE;
        };
    }

    private static final float STAR_LINE = .35f, WEDGE_SIDE = .42f;

    private static boolean inside(Outline outline, float u, float v) {
        return switch (outline) {
            case SQUARE -> u <= 1 && u >= -1 && v <= 1 && v >= -1;
            case DISC -> u * u + v * v <= 1;
            case STAR -> star(u, v);
            case WEDGE ->
                    v >= -.8f && .894f * u + .447f * v <= .45f && -.894f * u + .447f * v <= .45f;
        };
    }

    /// Five lines cross in a star; its inside is on the inner side of at least four.
    private static boolean star(float u, float v) {
        int within = v <= STAR_LINE ? 1 : 0;
        within += .9511f * u + .3090f * v <= STAR_LINE ? 1 : 0;
        within += -.9511f * u + .3090f * v <= STAR_LINE ? 1 : 0;
        within += .5878f * u - .8090f * v <= STAR_LINE ? 1 : 0;
        within += -.5878f * u - .8090f * v <= STAR_LINE ? 1 : 0;
        return within >= 4;
    }

    /// Multiplies the channels by gains, 256 being one.
    void light(int red, int green, int blue) {
        for (int i = offset, end = offset + 3 * size * size; i < end; i += 3) {
            rgb[i] = (byte) Math.min(255, (rgb[i] & 0xff) * red >> 8);
            rgb[i + 1] = (byte) Math.min(255, (rgb[i + 1] & 0xff) * green >> 8);
            rgb[i + 2] = (byte) Math.min(255, (rgb[i + 2] & 0xff) * blue >> 8);
        }
    }
}
